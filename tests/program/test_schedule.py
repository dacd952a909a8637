"""The checks accept what the compiler writes and refuse programs with one thing wrong."""

import dataclasses

import pytest
from decoding import CONFIGS

from golden.lambda_attention import LambdaRule
from golden.llm.models.synthetic import synthetic_model
from myhdl_acc.program import compiler as compiler_module
from myhdl_acc.program.compiler import Compiler
from myhdl_acc.program.schedule import QUEUES, ScheduleFault, check_order, check_queues
from myhdl_acc.rtl.control.instruction import Instruction

CONFIG = dataclasses.replace(CONFIGS["one"], acc_depth=32)


@pytest.fixture(scope="module", params=[{}, {"biased": True, "head_norms": True, "unrotated": (1,)}])
def compiler(request):
    """A cache of four operations, three query heads per key/value head in two passes."""
    sizes = {"vocab": 20, "dim": 64, "layers": 2, "heads": 6, "kv_heads": 2, "head_dim": 32, "ffn": 64, "context": 64}
    return Compiler(synthetic_model("w2", tied=True, **sizes, **request.param), LambdaRule(2, 120), CONFIG)


@pytest.fixture(scope="module")
def program(compiler):
    return compiler.program(200, [3])


def without(instruction, name):
    fields = {key: value for key, value in instruction.fields.items() if key != name}
    return Instruction(instruction.unit, instruction.op, fields)


def test_all_passes_are_accepted(compiler):
    for position in (0, 1, 31, 32, 64, 121, 122, 500):
        program = compiler.program(position, [1])
        check_order(program, CONFIG)
        check_queues(program, CONFIG)


def test_a_bias_leaves_a_bank_to_the_product_that_weights_wait_for():
    """Five slices of weights are more than lanes and queue hold before ``pv`` begins."""
    sizes = {"vocab": 20, "dim": 64, "layers": 1, "heads": 4, "kv_heads": 2, "head_dim": 32, "ffn": 64, "context": 64}
    config = dataclasses.replace(CONFIG, vector_depth=4096)
    compiler = Compiler(synthetic_model("w2", tied=True, biased=True, **sizes), LambdaRule(2, 398), config)
    for position in (255, 256, 260, 399, 400):
        check_queues(compiler.program(position, [1]), config)


def test_every_wait_is_needed(program):
    """Without any one of them timing could decide."""
    waits = [number for number, instruction in enumerate(program) if instruction.unit == "load" and instruction["wait"]]
    assert len(waits) > 20
    for number in waits:
        changed = [*program[:number], without(program[number], "wait"), *program[number + 1 :]]
        with pytest.raises(ScheduleFault, match="before"):
            check_order(changed, CONFIG)


def test_every_post_is_needed(program):
    posts = [number for number, i in enumerate(program) if i.unit == "vector" and i["post"]]
    for number in posts:
        changed = [*program[:number], without(program[number], "post"), *program[number + 1 :]]
        with pytest.raises(ScheduleFault):
            check_order(changed, CONFIG)
            check_queues(changed, CONFIG)


def test_a_buffer_that_is_overwritten_too_early(program):
    """The next layer's activations where the heads' queries still lie."""
    number = next(n for n, i in enumerate(program) if i.op == "quantise")
    first = program[number]
    moved = Instruction("vector", "quantise", first.fields | {"post": 0})
    query = next(n for n, i in enumerate(program) if i.op == "query")
    moved = Instruction("vector", "quantise", moved.fields | {"dst": program[query]["address"]})
    with pytest.raises(ScheduleFault, match="could overwrite"):
        check_order([*program[: query + 1], moved, *program[query + 1 :]], CONFIG)


def test_slices_of_two_sources(program):
    """Weights may be made while a query that lanes want first is still to come, if the queue before the lanes holds
    them; a slice more, and the vector unit never takes the scores that keep both banks."""
    weights = next(n for n, i in enumerate(program) if i.op == "weights")
    second = [n for n, i in enumerate(program) if i.op == "scores" and i["first"] and n < weights][1]
    query = max(n for n, i in enumerate(program) if i.op == "query" and n < second)
    changed = [i for n, i in enumerate(program) if n != weights]
    changed.insert(query, program[weights])
    check_order(changed, CONFIG)
    check_queues(changed, CONFIG)
    longer = Instruction("vector", "weights", program[weights].fields | {"count": 3 * 32 * CONFIG.atoms})
    changed[query] = longer
    with pytest.raises(ScheduleFault, match="nothing moves"):
        check_queues(changed, CONFIG)


def test_posts_that_a_semaphore_cannot_hold(program):
    """The vector unit could be done with all of them before the load unit begins to wait."""
    number = next(n for n, i in enumerate(program) if i.op == "quantise")
    more = Instruction("vector", "select", {"post": 1})
    check_order([*program[:number], *[more] * 14], CONFIG)
    with pytest.raises(ScheduleFault, match="more than 15 posts"):
        check_order([*program[:number], *[more] * 16], CONFIG)


def test_reads_too_far_ahead_hang(compiler, monkeypatch):
    """A full read queue would keep back the command that would empty it."""
    monkeypatch.setattr(compiler_module, "READ_AHEAD", QUEUES["read"] + 1)
    with pytest.raises(ScheduleFault, match="nothing moves"):
        check_queues(compiler.program(0, [3]), dataclasses.replace(CONFIG, prefetch=16))


@pytest.mark.parametrize("prefetch", [16, 64, 4096])
def test_any_prefetch_will_do(program, prefetch):
    check_queues(program, dataclasses.replace(CONFIG, prefetch=prefetch))


def test_operations_that_wait_for_their_own_results(program):
    """All of a head's operations before the first of its results is taken: two banks are not enough."""
    first = next(n for n, i in enumerate(program) if i.op == "scores")
    last = next(n for n, i in enumerate(program) if i.op == "scores" and i["last"])
    part = program[first : last + 1]
    late = [i for i in part if i.unit != "vector"] + [i for i in part if i.unit == "vector"]
    changed = [*program[:first], *late, *program[last + 1 :]]
    check_queues(changed, CONFIG)  # the vector unit runs beside
    blocked = [*changed[:first], Instruction("vector", "weights", {"count": 32 * 6}), *changed[first:]]
    with pytest.raises(ScheduleFault, match="nothing moves"):
        check_queues(blocked, CONFIG)
