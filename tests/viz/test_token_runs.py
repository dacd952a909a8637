"""Runs of the whole accelerator: the token's cycles are all there, the memory's timing and evictions show."""

import dataclasses

import pytest
from small_model import PROMPT, write_small_model

from golden.errors import InputError
from golden.llm.models import embedded
from myhdl_acc.trace.counters import fill_extremes
from myhdl_acc.trace.occupancy import occupancy
from myhdl_acc.viz.token_runs import PARTS, TokenChoice, run_tokens, unread


@pytest.fixture(scope="module")
def choice(tmp_path_factory):
    path = write_small_model(tmp_path_factory.mktemp("model"))
    return TokenChoice(PROMPT, 3, model=str(path), preset="tiny")


@pytest.mark.parametrize("part", PARTS)
def test_the_part_is_accounted_for(choice, part):
    said = []
    run = run_tokens(dataclasses.replace(choice, part=part), said.append)
    assert len(run.decoded) == 3 and len(run.prompt) == 5 and said[-1].startswith("token 3 of 3: cycle ")
    counted = occupancy(run.run.table)
    assert run.run.annotated and run.run.cycles == counted.cycles
    # What was recorded is from one token's logits to the next one's; the choices come a little later.
    assert abs(run.run.cycles - run.cycles[{PARTS[0]: -1, PARTS[1]: 0}[part]]) < 100
    assert run.summary[f"cycles of {part}"] == counted.cycles
    states = counted.by_unit()["lane"]
    assert sum(states.values()) == 2 * counted.cycles
    assert sum(run.lost.values()) * 2 == pytest.approx(sum(states.values()) - states["beat"])


def test_a_timed_memory_takes_longer(choice):
    """In the prompt: later tokens of so small a model never wait for memory."""
    cycles = {
        memory: run_tokens(dataclasses.replace(choice, count=1, memory=memory)).run.cycles
        for memory in ("ideal", "hbm2")
    }
    assert cycles["hbm2"] > cycles["ideal"]


@pytest.mark.slow
def test_half_the_depth_is_a_run_of_its_own(choice):
    """The small configuration's queues are LUTs: half the places, about half of them."""
    said = []
    found = run_tokens(dataclasses.replace(choice, count=1, half_depth=True), said.append)
    assert (found.run.about["config"]["prefetch"], found.half.run.about["config"]["prefetch"]) == (64, 32)
    assert 32 < fill_extremes(found.run)[0] <= 64 and fill_extremes(found.half.run)[0] <= 32
    assert found.half.run.cycles >= found.run.cycles  # what has less room is asked for later
    assert 0 < found.half.half.lut < 0.7 * found.half.whole.lut
    assert any(text.startswith("half the depth, 32 beats: the prompt: cycle") for text in said)


def test_evictions_are_counted(choice):
    runs = [run_tokens(dataclasses.replace(choice, sinks=1, window=window)) for window in (4, 20)]
    assert [run.summary["tokens evicted"] for run in runs] == [2, 0]


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"memory": "ddr"}, "no memory 'ddr'"),
        ({"window": 0}, "window must be an integer from 1 to"),
        ({"prompt": ""}, "the prompt is empty"),
        ({"count": 0}, "at least one token"),
        ({"part": "all"}, "no part 'all'"),
        ({"model": "nobody.acc"}, "nobody.acc"),
        ({"model": "austen"}, "does not fit the configuration"),
    ],
)
def test_what_cannot_be_run(choice, changes, message):
    with pytest.raises(InputError, match=message):
        run_tokens(dataclasses.replace(choice, **changes))


def test_what_the_vocabulary_lacks_is_named():
    tokenizer = embedded.load("austen").tokenizer
    assert unread("She wäs in 東京, \u00e4h", tokenizer) == ["ä", "東", "京"]
    assert unread("She was very much", tokenizer) == []


def test_the_defaults_evict_tokens():
    choice = TokenChoice()
    fed = len(embedded.load(choice.model).tokenizer.prompt(choice.prompt)) + choice.count - 1
    assert fed > choice.sinks + choice.window
