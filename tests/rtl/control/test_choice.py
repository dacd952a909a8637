"""What follows a pass, against golden's Walk: every request, its end tokens, and a host that wants it to stop."""

import dataclasses
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from resident_benches import choice_design

from golden.machine.request import Request
from golden.machine.walk import Walk
from myhdl_acc.report.synthesis import depths
from myhdl_acc.rtl.control.choice import LATENCY
from myhdl_acc.rtl.control.instruction import instruction
from myhdl_acc.rtl.control.register_map import END_TOKENS
from myhdl_acc.simulate import BACKENDS, open_simulation
from myhdl_acc.simulate.backpressure import gap_array

ROWS = 4


def program(batch):
    return [
        instruction("control", "pass", capacity=1 << 20, chunk_log2=9, taps=1, sequences=batch),
        instruction("control", "next", target=0),
        instruction("control", "end"),
    ]


def random_run(rng):
    """The asks of a run by field, whether another pass follows each, and the choices that golden makes."""
    alphabet = rng.choice([2, 9, 1 << 32])
    ends = [rng.randrange(alphabet) for _ in range(END_TOKENS)]
    named = rng.randint(0, END_TOKENS)
    batch = rng.choice([0, 0, 0, rng.randint(2, ROWS)])
    prompt = tuple(range((batch or 1) * rng.randint(1, 9)))
    request = Request(prompt, (batch or 1) * rng.randint(0, 6), ends=tuple(ends[:named]))
    text = Text(rng, alphabet)
    others = tuple((number, number) for number in range(1, batch))
    request = dataclasses.replace(request, drafts=0 if batch else rng.randrange(ROWS), others=others)
    walk, stop, asks = Walk(program(batch), request, 2, 32, 4, ROWS, text), rng.choice([0, 1, 2, 4, 99]), []

    def choose(row):
        asks[-1] |= {f"token_{row}": rng.randrange(alphabet), "logits": 1, "chosen": row}
        return asks[-1][f"token_{row}"]

    def begin(*_):
        one = {f"{name}_{row}": rng.randrange(alphabet) for row in range(ROWS) for name in ("token", "tried")}
        one |= {f"tried_{row}": token for row, token in enumerate(walk.fed.tokens)}
        rows = {"first": walk.fed.first, "last": len(walk.fed.tokens) - 1, "batch": int(batch > 0)}
        rows["by_head"] = rng.randrange(2)
        asks.append({**one, **rows, "logits": 0, "chosen": None})
        text.of_prompt = len(text.added) if not walk.chosen else text.of_prompt

    list(walk.instructions(begin, choose, lambda: len(asks) > stop))
    of_prompt = -(-len(request.prompt) // (batch or ROWS))
    for number, one in enumerate(asks):
        one |= {"clear": int(number == 0), "waiting": int(number < of_prompt - 1), "stop": int(number >= stop)}
        one |= {"choices": request.count, "end_tokens": named, **{f"end_{n}": end for n, end in enumerate(ends)}}
    noted = [] if batch else text.added[text.of_prompt :] if request.drafts else None
    return asks, [1] * (len(asks) - 1) + [0], list(zip(walk.chosen, walk.rows, strict=True)), noted


class Text:
    """Guesses, and remembers what is ``added``."""

    def __init__(self, rng, alphabet):
        self._rng, self._alphabet = rng, alphabet
        self.added, self.of_prompt = [], 0

    def clear(self):
        pass

    def add(self, token):
        self.added.append(token)

    def judge(self, tried, accepted, cost=0):
        pass

    def asks(self, source):
        return False

    def drafts(self, most, source):
        return [self._rng.randrange(self._alphabet) for _ in range(self._rng.randint(0, most))]


def run_all(simulation, runs, kind="never", seed=0):
    runs = [one for one in runs if one[3] is not None]
    asks = [one for each, *_ in runs for one in each]
    entries = [(index, *one) for _, _, chosen, _ in runs for index, one in enumerate(chosen)]
    noted = [token for *_, each in runs for token in each]
    counts = {"source": len(entries), "source_answer": len(asks), "source_noted": len(noted)}
    columns = {name: [one[name] for one in asks] for name in asks[0] if name != "chosen"}
    gaps = {"source": gap_array(kind, len(entries), seed), "sink": gap_array(kind, len(asks), seed + 1)}
    run = simulation.run({"sink": columns}, counts, gaps, record=True)
    found = run.outputs["source"]
    assert list(zip(*(found[name].tolist() for name in ("index", "token", "place")), strict=True)) == entries
    assert run.outputs["source_noted"]["token"].tolist() == noted
    answers = run.outputs["source_answer"]
    assert answers["another"].tolist() == [another for _, each, *_ in runs for another in each]
    count = 0
    for number, one in enumerate(asks):
        count = 0 if one["clear"] else count
        if one["logits"]:
            row = one["chosen"]
            count += 1 + row - one["first"]
            assert (answers["row"][number], answers["token"][number]) == (row, one[f"token_{row}"])
        assert answers["count"][number] == count
    return run


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1 << 32), kind=st.sampled_from(["never", "random", "bursty"]))
def test_any_request(seed, kind):
    rng = Random(seed)
    with open_simulation(choice_design(ROWS), "myhdl") as simulation:
        run_all(simulation, [random_run(rng) for _ in range(6)], kind, seed)


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_every_simulator_a_fixed_time_after_the_question(backend):
    rng = Random(1)
    runs = [random_run(rng) for _ in range(400 if backend == "verilator" else 40)]
    with open_simulation(choice_design(ROWS), backend) as simulation:
        run = run_all(simulation, runs)
        run_all(simulation, runs[:30], "random")
    asks = [one for each, *_, noted in runs if noted is not None for one in each]
    more = np.array([one["chosen"] - one["first"] if one["logits"] else 0 for one in asks])
    assert run.transfers["sink"][0] == 1 + LATENCY + (LATENCY + 1) * more[0] and more.any()
    assert (np.diff(run.transfers["sink"]) == LATENCY + 2 + (LATENCY + 1) * more[1:]).all()


def test_levels():
    assert max(depths(choice_design(16)).values()) <= 9
