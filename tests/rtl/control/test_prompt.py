"""The tokens of a pass: those of any prompt in passes of any size, then the one that was chosen."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pass_views import CONFIGS
from resident_benches import prompt_design

from golden.machine.request import CHOSEN
from golden.machine.text import MOST_TOKENS
from myhdl_acc.report.synthesis import depths
from myhdl_acc.simulate import BACKENDS, open_simulation
from myhdl_acc.simulate.backpressure import gap_array

TINY = CONFIGS["tiny"]
AROUND = 4  #: cycles of the bench around the tokens of a pass: stop, begin, take, and what it shows


def random_prompts(rng, config, count):
    """Prompts with their passes, [tokens, [(tokens of the pass, left behind)]], some followed by choices; some are
    given up before their end."""
    most, prompts = min(config.rows, MOST_TOKENS), []
    for _ in range(count):
        tokens = [rng.randrange(1 << 32) for _ in range(rng.choice([1, 7, 8, 9, rng.randint(1, 40)]))]
        left, passes = list(tokens), []
        while left and rng.random() < 0.95:
            size = rng.randint(1, min(most, len(left)))
            passes.append((left[:size], len(left) - size))
            left = left[size:]
        if not left:
            passes += [(chosen_and_drafts(rng, most), 0) for _ in range(rng.randrange(4))]
        if passes:
            prompts.append((tokens, passes))
    return prompts


def random_batch(rng, config, passes):
    """A prompt of a batch: in some places the sequence has what it chose last."""
    count, given = rng.randint(1, min(config.rows, MOST_TOKENS)), rng.randint(1, passes)
    tokens = [rng.choice([CHOSEN, rng.randrange(1 << 32)]) for _ in range(count * given)]
    latest = [[rng.randrange(1 << 32) for _ in range(config.rows)] for _ in range(passes)]
    found = []
    for number, own in enumerate(latest):
        one = tokens[number * count :][:count] or [CHOSEN] * count
        one = [own[row] if token == CHOSEN else token for row, token in enumerate(one)]
        found.append((one, max(0, len(tokens) - (number + 1) * count)))
    return tokens, found, latest


def chosen_and_drafts(rng, most):
    return [rng.randrange(1 << 32), *(rng.randrange(1 << 20) for _ in range(rng.randrange(most)))]


def run_prompt(simulation, config, prompt, kinds=("never", "never", "never"), seed=0):
    tokens, passes, *latest = prompt
    of_prompt = sum(sum(len(one) for one, _ in passes[:n]) < len(tokens) for n in range(len(passes)))
    words = np.zeros(-(-len(tokens) // 8) * 8, "<u4")
    words[: len(tokens)] = tokens
    words[len(tokens) :] = 0xDEADBEEF  # to be thrown away
    left = passes[-1][1]
    words = words[: -(-(len(tokens) - left) // 8) * 8]  # of a prompt that is given up no more come
    counts = {"sink": len(words) // 8, "sink_pass": len(passes), "source": len(passes)}
    columns = {
        "length": [len(tokens)] + [0] * (len(passes) - 1),
        "words": [len(words) // 8] + [0] * (len(passes) - 1),
        "last": [len(one) - 1 for one, _ in passes],
        "chosen": [one[0] for one, _ in passes],
        "batch": [int(bool(latest))] * len(passes),
        "drafts": [0 if latest or number < of_prompt else len(one) - 1 for number, (one, _) in enumerate(passes)],
    }
    for place in range(config.rows - 1):
        columns[f"draft_{place}"] = [one[place + 1] & 0xFFFFF if len(one) > place + 1 else 0 for one, _ in passes]
    for row in range(config.rows):
        columns[f"latest_{row}"] = [own[row] for own in latest[0]] if latest else [row] * len(passes)
    run = simulation.run(
        {"sink": {"word": words.view(np.uint8).reshape(-1, 32)}, "sink_pass": columns},
        {"source": len(passes), "source_fed": len(tokens) - left},
        {name: gap_array(kind, counts[name], seed) for name, kind in zip(counts, kinds, strict=True)},
        record=True,
    )
    found = run.outputs["source"]
    for number, (one, left) in enumerate(passes):
        assert [int(found[f"token_{row}"][number]) for row in range(len(one))] == one
        behind = 1 if latest else left or 1 + columns["drafts"][number]
        assert (found["left"][number], found["waiting"][number]) == (behind, left > 0)
    assert run.outputs["source_fed"]["token"].tolist() == tokens[: len(tokens) - passes[-1][1]]
    return run


@pytest.mark.parametrize("name", CONFIGS)
@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 1 << 32), kinds=st.tuples(*[st.sampled_from(["never", "random", "bursty"])] * 3))
def test_any_prompt(name, seed, kinds):
    config = CONFIGS[name]
    with open_simulation(prompt_design(config), "myhdl") as simulation:
        for prompt in [*random_prompts(Random(seed), config, 4), random_batch(Random(seed), config, 5)]:
            run_prompt(simulation, config, prompt, kinds, seed)


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_every_simulator_a_token_per_cycle(backend):
    """From the order on, a token that was chosen likewise; words of eight follow each other without a pause."""
    config, rng = CONFIGS["sixteen rows"], Random(2)
    with open_simulation(prompt_design(config), backend) as simulation:
        for prompt in random_prompts(rng, config, 60 if backend == "verilator" else 6):
            run_prompt(simulation, config, prompt, ("bursty", "random", "random"))
            run_prompt(simulation, config, random_batch(rng, config, 6), ("bursty", "random", "random"))
        tokens = list(range(100, 140))
        passes = [(tokens[:1], 39), (tokens[1:16], 24), (tokens[16:31], 9), (tokens[31:], 0), ([7], 0), ([8, 9, 9], 0)]
        run = run_prompt(simulation, config, (tokens, passes))
    sizes = np.array([len(one) for one, _ in passes])
    assert (np.diff(run.transfers["source"]) == AROUND + sizes[1:]).all()


@pytest.mark.parametrize("name", ["sixteen rows", "u280"])
def test_levels(name):
    assert max(depths(prompt_design(CONFIGS[name])).values()) <= 9
