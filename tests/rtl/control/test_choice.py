"""What follows a pass, against golden's Walk: every request, its end tokens, and a host that wants it to stop."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from resident_benches import choice_design

from golden.machine.walk import Request, Walk
from myhdl_acc.report.synthesis import depths
from myhdl_acc.rtl.control.choice import LATENCY
from myhdl_acc.rtl.control.instruction import instruction
from myhdl_acc.rtl.control.register_map import END_TOKENS
from myhdl_acc.simulate import BACKENDS, open_simulation
from myhdl_acc.simulate.backpressure import gap_array

ROWS = 4
PROGRAM = [
    instruction("control", "pass", capacity=1 << 20, chunk_log2=9, taps=1),
    instruction("control", "next", target=0),
    instruction("control", "end"),
]


def random_run(rng):
    """The asks of a run by field, whether another pass follows each, and the choices that golden makes."""
    alphabet = rng.choice([2, 9, 1 << 32])
    ends = [rng.randrange(alphabet) for _ in range(END_TOKENS)]
    named = rng.randint(0, END_TOKENS)
    request = Request(tuple(range(rng.randint(1, 9))), rng.randint(0, 6), ends=tuple(ends[:named]))
    walk, stop, asks = Walk(PROGRAM, request, 2, 32, 4, ROWS), rng.choice([0, 1, 2, 4, 99]), []

    def choose(row):
        asks[-1] |= {"row": row, "logits": 1, "choice": rng.randrange(alphabet)}
        return asks[-1]["choice"]

    def begin(_):
        asks.append({"row": rng.randrange(ROWS), "logits": 0})

    list(walk.instructions(begin, choose, lambda: len(asks) > stop))
    of_prompt = -(-len(request.prompt) // ROWS)
    for number, one in enumerate(asks):
        one |= {"clear": int(number == 0), "waiting": int(number < of_prompt - 1), "stop": int(number >= stop)}
        one |= {"choices": request.count, "end_tokens": named, **{f"end_{n}": end for n, end in enumerate(ends)}}
        one |= {f"token_{row}": rng.randrange(1 << 32) for row in range(ROWS)}
        if one["logits"]:
            one[f"token_{one['row']}"] = one.pop("choice")
    return asks, [1] * (len(asks) - 1) + [0], walk.chosen


def run_all(simulation, runs, kind="never", seed=0):
    asks = [one for each, _, _ in runs for one in each]
    entries = [(index, token) for _, _, chosen in runs for index, token in enumerate(chosen)]
    counts = {"source": len(entries), "source_answer": len(asks)}
    columns = {name: [one[name] for one in asks] for name in asks[0]}
    gaps = {"source": gap_array(kind, len(entries), seed), "sink": gap_array(kind, len(asks), seed + 1)}
    run = simulation.run({"sink": columns}, counts, gaps, record=True)
    found = run.outputs["source"]
    assert list(zip(found["index"].tolist(), found["token"].tolist(), strict=True)) == entries
    answers = run.outputs["source_answer"]
    assert answers["another"].tolist() == [another for _, each, _ in runs for another in each]
    count, last = 0, None
    for one, found_count, token in zip(asks, answers["count"].tolist(), answers["token"].tolist(), strict=True):
        count = (0 if one["clear"] else count) + one["logits"]
        last = one[f"token_{one['row']}"]
        assert found_count == count and (token == last or not one["logits"])
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
    runs = [random_run(rng) for _ in range(400 if backend == "verilator" else 30)]
    with open_simulation(choice_design(ROWS), backend) as simulation:
        run = run_all(simulation, runs)
        run_all(simulation, runs[:30], "random")
    assert run.transfers["sink"][0] == LATENCY
    assert (np.diff(run.transfers["sink"]) == LATENCY + 1).all()


def test_levels():
    assert max(depths(choice_design(16)).values()) <= 9
