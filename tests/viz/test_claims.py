"""What the notebooks say of cycles is so: each statement is run."""

from dataclasses import replace

import numpy as np
import pytest
from small_model import PROMPT, write_small_model

from myhdl_acc.trace.occupancy import occupancy
from myhdl_acc.viz.atom_view import products
from myhdl_acc.viz.design_space import POINTS, load
from myhdl_acc.viz.engine_runs import Choice, EngineRuns
from myhdl_acc.viz.token_runs import PARTS, TokenChoice, run_tokens

_USUAL = Choice(outputs=64, terms=256, repeat=3)  # the panel's


@pytest.fixture(scope="module")
def engine():
    with EngineRuns() as runs:
        yield runs


def lanes(run):
    """{state: share of the lanes' cycles}."""
    states = occupancy(run.table).by_unit()["lane"]
    return {state: cycles / sum(states.values()) for state, cycles in states.items()}


def test_as_it_is_lanes_have_a_beat_in_most_cycles(engine):
    assert lanes(engine(_USUAL))["beat"] > 0.9


def test_a_memory_that_is_late_by_one_takes_nearly_twice_as_long(engine):
    free, slow = engine(_USUAL), engine(replace(_USUAL, slow={"memory": 1}))
    assert 1.8 < slow.summary["cycles"] / free.summary["cycles"] <= 2
    assert lanes(slow)["no_beat"] > 0.4


def test_results_that_are_late_hold_both_banks(engine):
    choice = replace(_USUAL, terms=64, repeat=6)
    assert lanes(engine(replace(choice, slow={"results": 8}))).get("no_bank", 0) > 0.3
    assert lanes(engine(choice)).get("no_bank", 0) < 0.1


def test_late_operands_show_where_they_serve_few_outputs(engine):
    few, many = (replace(_USUAL, outputs=outputs, terms=1024, slow={"operands": 4}) for outputs in (4, 64))
    assert lanes(engine(few))["no_operand"] > 0.5 and lanes(engine(many))["no_operand"] < 0.05


def test_tokens_of_a_prompt_share_the_beats_of_weights(tmp_path):
    """As many at a time as there are rows, two."""
    choice = TokenChoice(count=1, model=str(write_small_model(tmp_path)), preset="tiny")

    def weights(part, tokens):
        run = run_tokens(replace(choice, part=part, prompt=PROMPT[:tokens])).run
        matrices = run.commands[np.isin(run.commands["op"], ("w2", "w4", "w8"))]
        own = matrices[[name.startswith("layers.") for name in matrices["name"].tolist()]]
        return int((own["beats"] - own["params"]).sum())

    one = weights(PARTS[0], 2)
    assert [weights(PARTS[1], tokens) for tokens in (2, 4)] == [one, 2 * one]


def test_codes_that_mean_nothing():
    assert [code for code in range(128) if products("w2", 0, np.uint64(code))[2]] == list(range(113, 128))


def test_every_point_says_what_it_takes():
    assert all(row["lut"] and row["dsp"] for row in load(POINTS))


@pytest.mark.slow
def test_of_one_token():
    """Memory hardly matters; a window in which nothing is evicted makes a token shorter, and why."""
    usual = TokenChoice()
    runs = {
        name: run_tokens(replace(usual, **changes))
        for name, changes in {
            "usual": {},
            "ideal": {"memory": "ideal"},
            "wide": {"window": 60},
        }.items()
    }
    cycles = {name: run.run.cycles for name, run in runs.items()}
    assert runs["usual"].summary["tokens evicted"] > 0 == runs["wide"].summary["tokens evicted"]
    assert abs(cycles["ideal"] - cycles["usual"]) < 0.02 * cycles["usual"]
    assert cycles["wide"] < cycles["usual"]
    spent = {name: run.run.table.totals()["vector"] for name, run in runs.items()}
    for op in ("angle", "rope", "quantise_query"):
        assert spent["wide"][op] < 0.7 * spent["usual"][op]


@pytest.mark.slow
def test_half_the_depth_costs_next_to_nothing_and_saves_nothing():
    found = run_tokens(TokenChoice(half_depth=True))
    assert (found.run.about["config"]["prefetch"], found.half.run.about["config"]["prefetch"]) == (512, 256)
    assert 0 <= found.half.run.cycles - found.run.cycles < 10
    assert found.half.half.bram36 == found.half.whole.bram36 > 0
