"""The check of queues accepts what the compiler writes and refuses programs that could hang."""

import dataclasses

import pytest
from synthetic import synthetic_model

from golden.lambda_attention import LambdaRule
from myhdl_acc.program.compiler import Compiler
from myhdl_acc.program.hazards import ScheduleFault
from myhdl_acc.program.queues import check_queues
from myhdl_acc.rtl.control.instruction import Instruction
from myhdl_acc.rtl.vector.unit.weights_packer import SLICES


def test_a_bias_leaves_a_bank_to_the_product_that_weights_wait_for(config):
    """Five slices of weights are more than lanes and queue hold before ``pv`` begins."""
    sizes = {"vocab": 20, "dim": 64, "layers": 1, "heads": 4, "kv_heads": 2, "head_dim": 32, "ffn": 64, "context": 64}
    config = dataclasses.replace(config, vector_depth=4096)
    compiler = Compiler(synthetic_model("w2", tied=True, biased=True, **sizes), LambdaRule(2, 398), config)
    for position in (255, 256, 260, 399, 400):
        check_queues(compiler.passes(compiler.request([1], 1, position)), config)


def test_slices_of_two_sources(program, config):
    """Weights are made while a query that lanes want first is still to come, as the queue before the lanes holds them;
    a slice more, and the vector unit never takes the scores that keep both banks."""
    weights = next(n for n, i in enumerate(program) if i.op == "softmax")
    wanted = {op: next(n for n, i in enumerate(program) if i.op == op and n > weights) for op in ("query", "pv")}
    assert wanted["query"] < wanted["pv"]
    longer = Instruction("vector", "softmax", program[weights].fields | {"count": (SLICES + 1) * 32 * config.atoms})
    changed = [*program[:weights], longer, *program[weights + 1 :]]
    with pytest.raises(ScheduleFault, match="nothing moves"):
        check_queues(changed, config)


@pytest.mark.parametrize("prefetch", [16, 64, 4096])
def test_any_prefetch_will_do(program, prefetch, config):
    check_queues(program, dataclasses.replace(config, prefetch=prefetch))


def test_operations_that_wait_for_their_own_results(program, config):
    """All of a head's operations before the first of its results is taken: two banks are not enough."""
    first = next(n for n, i in enumerate(program) if i.op == "scores")
    last = next(n for n, i in enumerate(program) if i.op == "scores" and i["last"])
    part = program[first : last + 1]
    late = [i for i in part if i.unit != "vector"] + [i for i in part if i.unit == "vector"]
    changed = [*program[:first], *late, *program[last + 1 :]]
    check_queues(changed, config)  # the vector unit runs beside
    blocked = [*changed[:first], Instruction("vector", "softmax", {"count": 32 * 6}), *changed[first:]]
    with pytest.raises(ScheduleFault, match="nothing moves"):
        check_queues(blocked, config)
