"""The vector unit follows the golden machine through whole passes: every int8, weight and logit that leaves it."""

import dataclasses

import numpy as np
import pytest
from vector_bench import TINY, cycles_of, model_of, pack_words, run_machine, vector_design

from golden.lambda_attention import LambdaRule
from myhdl_acc.program.compiler import Compiler
from myhdl_acc.simulate import open_simulation
from myhdl_acc.simulate.backpressure import gap_array

ONE_LANE = dataclasses.replace(TINY, lanes=1, vector_depth=1024)
RULE = LambdaRule(4, 28)


def follow(simulation, expected, config, gaps=None):
    """Run a pass; assert that what comes out is expected; returns the run."""
    rows, lanes = config.rows, config.lanes
    results = [words for words, _ in expected.results], [words for _, words in expected.results]
    inputs = {
        "sink_op": {"word": pack_words(expected.ops, 256)},
        "sink_result": {
            "data": pack_words(results[0], lanes * rows * config.acc_bits),
            "parameter": pack_words(results[1], lanes * 32),
            "last": np.zeros(len(expected.results), np.int64),
        },
    }
    expect = {"source_activation": len(expected.activations)}
    slices = [slice_ for group in expected.weights for slice_ in group]
    for lane in range(lanes):
        expect[f"source_weights_ch{lane:02d}"] = len(slices) * config.atoms
        expect[f"source_logits_ch{lane:02d}"] = sum(beats.shape[1] for _, beats in expected.logits)
    delays = gaps({name: expect.get(name, 0) for name in expect} | {
        "sink_op": len(expected.ops), "sink_result": len(expected.results),
    }) if gaps else None  # fmt: skip
    run = simulation.run(inputs=inputs, expect=expect, gaps=delays, record=gaps is None)
    found = run.outputs["source_activation"]
    assert found["index"].tolist() == [index for index, _ in expected.activations]
    data = np.ascontiguousarray(found["data"]).view(np.uint8).reshape(len(found["index"]), -1)[:, : rows * lanes]
    assert np.array_equal(data, [np.frombuffer(levels, np.uint8) for _, levels in expected.activations])
    for lane in range(lanes):
        words = run.outputs[f"source_weights_ch{lane:02d}"]["data"]
        wanted = [slice_[lane, :, atom].astype(np.int8).tobytes() for slice_ in slices for atom in range(config.atoms)]
        assert [bytes(word) for word in words] == wanted
        logits = run.outputs[f"source_logits_ch{lane:02d}"]
        places = [address + i for address, beats in expected.logits for i in range(beats.shape[1])]
        assert logits["address"].tolist() == places
        assert [bytes(beat) for beat in logits["data"]] == [
            beats[lane, i].tobytes() for _, beats in expected.logits for i in range(beats.shape[1])
        ]
    return run


@pytest.mark.parametrize("variant", [{}, {"biased": True, "head_norms": True}, {"head_norms": True, "unrotated": (0,)}])
def test_two_tokens_through_one_layer(variant):
    model = model_of(1, 7, **variant)
    _, (expected,) = run_machine(model, RULE, TINY, [[1, 2]])
    with open_simulation(vector_design(TINY), "myhdl") as simulation:
        run = follow(simulation, expected, TINY)
    # The last instruction, logits, is followed by none.
    taken = np.diff(run.transfers["sink_op"]).tolist()
    assert taken == [cycles_of(instruction, TINY) for _, instruction in expected.names[:-1]]


def test_one_lane():
    """Both elements of a pair lie in its only column; heads are normed as well."""
    _, (expected,) = run_machine(model_of(1, 7, biased=True, head_norms=True), RULE, ONE_LANE, [[1, 2]])
    with open_simulation(vector_design(ONE_LANE), "myhdl") as simulation:
        run = follow(simulation, expected, ONE_LANE)
    taken = np.diff(run.transfers["sink_op"]).tolist()
    assert taken == [cycles_of(instruction, ONE_LANE) for _, instruction in expected.names[:-1]]


def test_the_smallest_value_scale_is_in_the_caches_second_chunk():
    """Token 0's values have larger steps than those of token 2, which fill the first chunk."""
    model, tokens = model_of(1, 7), [[2]] * 33 + [[0]]
    assert Compiler(model, LambdaRule(4, 60), TINY).place.chunk < len(tokens)
    _, passes = run_machine(model, LambdaRule(4, 60), TINY, tokens)
    assert passes[-1].least[-1].min() < passes[-1].least[0].min()
    with open_simulation(vector_design(TINY), "myhdl") as simulation:
        follow(simulation, passes[-1], TINY)


@pytest.mark.slow
@pytest.mark.parametrize("variant", [{}, {"biased": True, "head_norms": True, "unrotated": (1,)}])
def test_prompt_and_tokens_past_the_first_eviction_under_back_pressure(variant):
    model = model_of(2, 8, **variant)
    _, passes = run_machine(model, RULE, TINY, [[1, 2], [3], [4], *([token % 40] for token in range(36))])
    rng = np.random.default_rng(1)

    def gaps(counts):
        del counts["source_activation"]  # writes to memory cannot wait
        return {name: gap_array("random", count, int(rng.integers(1 << 30))) for name, count in counts.items()}

    with open_simulation(vector_design(TINY), "verilator") as simulation:
        for number, expected in enumerate(passes):
            follow(simulation, expected, TINY, gaps if number % 2 else None)
