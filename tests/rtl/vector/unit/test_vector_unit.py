"""The vector unit follows the golden machine through whole passes: every int8, weight and logit that leaves it."""

import dataclasses

import numpy as np
import pytest
from vector_bench import TINY, follow, model_of, run_batch, run_machine, vector_design

from golden.lambda_attention import LambdaRule
from myhdl_acc.program.compiler import Compiler
from myhdl_acc.rtl.vector.unit.duration import duration
from myhdl_acc.simulate import open_simulation
from myhdl_acc.simulate.backpressure import gap_array

ONE_LANE = dataclasses.replace(TINY, lanes=1, vector_depth=1024)
RULE = LambdaRule(4, 28)


@pytest.mark.parametrize("variant", [{}, {"biased": True, "head_norms": True}, {"head_norms": True, "unrotated": (0,)}])
def test_two_tokens_through_one_layer(variant):
    model = model_of(1, 7, **variant)
    _, (expected,) = run_machine(model, RULE, TINY, [[1, 2]])
    with open_simulation(vector_design(TINY), "verilator") as simulation:
        run = follow(simulation, expected, TINY)
    # The last instruction, logits, is followed by none.
    taken = np.diff(run.transfers["sink_op"]).tolist()
    assert taken == [duration(instruction, TINY) for _, instruction in expected.names[:-1]]


def test_one_lane():
    """Both elements of a pair lie in its only column; heads are normed as well."""
    _, (expected,) = run_machine(model_of(1, 7, biased=True, head_norms=True), RULE, ONE_LANE, [[1, 2]])
    with open_simulation(vector_design(ONE_LANE), "verilator") as simulation:
        run = follow(simulation, expected, ONE_LANE)
    taken = np.diff(run.transfers["sink_op"]).tolist()
    assert taken == [duration(instruction, ONE_LANE) for _, instruction in expected.names[:-1]]


def test_scores_of_more_than_a_chunk():
    """The largest score and the largest bound are in different chunks: token 0's values have larger steps than those of
    token 2, which fill the first chunk."""
    model, tokens = model_of(1, 7), [[2]] * 33 + [[0]]
    assert Compiler(model, LambdaRule(4, 60), TINY).place.chunk < len(tokens)
    _, passes = run_machine(model, LambdaRule(4, 60), TINY, tokens)
    assert (passes[-1].bounds[-1] > passes[-1].bounds[0]).any()
    with open_simulation(vector_design(TINY), "verilator") as simulation:
        follow(simulation, passes[-1], TINY)


@pytest.mark.parametrize("backend", [pytest.param("myhdl", marks=pytest.mark.slow), "verilator"])
def test_tokens_of_a_pass_that_evict_others(backend):
    """The new tokens' scores and probabilities are apart; each row leaves out what it evicts of the others."""
    _, passes = run_machine(model_of(1, 7), RULE, TINY, [[*range(32)], [1, 2]])
    assert any(instruction["cut"] and instruction["row"] for _, instruction in passes[-1].names)
    with open_simulation(vector_design(TINY), backend) as simulation:
        follow(simulation, passes[-1], TINY)


def test_a_token_that_replaces_the_whole_cache():
    """None of the old values counts."""
    _, passes = run_machine(model_of(1, 7), LambdaRule(0, 1), TINY, [[1], [2]])
    with open_simulation(vector_design(TINY), "verilator") as simulation:
        for expected in passes:
            follow(simulation, expected, TINY)


@pytest.mark.parametrize("positions", [(20, 3), (3, 40), (0, 0)])
def test_texts_of_a_batch_share_a_softmax(positions):
    """Each row meets its own tokens alone, and keeps its scores and values while the other's come."""
    expected = run_batch(model_of(1, 7), RULE, TINY, positions)
    levels = {f"sampling_positions_row{row:02d}": position for row, position in enumerate(positions)}
    with open_simulation(vector_design(TINY), "verilator") as simulation:
        run = follow(simulation, expected, TINY, **levels)
    taken = np.diff(run.transfers["sink_op"]).tolist()
    assert taken == [duration(instruction, TINY) for _, instruction in expected.names[:-1]]


@pytest.mark.slow
@pytest.mark.parametrize("variant", [{}, {"biased": True, "head_norms": True, "unrotated": (1,)}])
def test_prompt_and_tokens_past_the_first_eviction_under_back_pressure(variant):
    model = model_of(2, 8, **variant)
    _, passes = run_machine(model, RULE, TINY, [[1, 2], [3], [4], *([token % 40] for token in range(36)), [5, 6, 7]])
    rng = np.random.default_rng(1)

    def gaps(counts):
        del counts["source_activation"]  # writes to memory cannot wait
        return {name: gap_array("random", count, int(rng.integers(1 << 30))) for name, count in counts.items()}

    with open_simulation(vector_design(TINY), "verilator") as simulation:
        for number, expected in enumerate(passes):
            follow(simulation, expected, TINY, gaps if number % 2 else None)
