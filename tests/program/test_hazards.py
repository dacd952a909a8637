"""The check of order accepts what the compiler writes and refuses programs with one thing wrong."""

import pytest

from myhdl_acc.program.hazards import ScheduleFault, check_order
from myhdl_acc.program.queues import check_queues
from myhdl_acc.rtl.control.instruction import Instruction


def without(instruction, name):
    fields = {key: value for key, value in instruction.fields.items() if key != name}
    return Instruction(instruction.unit, instruction.op, fields)


def test_every_wait_is_needed(program, config):
    """Without any one of them timing could decide."""
    waits = [number for number, instruction in enumerate(program) if instruction.unit == "load" and instruction["wait"]]
    assert len(waits) > 20
    for number in waits:
        changed = [*program[:number], without(program[number], "wait"), *program[number + 1 :]]
        with pytest.raises(ScheduleFault, match="before"):
            check_order(changed, config)


def test_every_post_is_needed(program, config):
    posts = [number for number, i in enumerate(program) if i.unit == "vector" and i["post"]]
    for number in posts:
        changed = [*program[:number], without(program[number], "post"), *program[number + 1 :]]
        with pytest.raises(ScheduleFault):
            check_order(changed, config)
            check_queues(changed, config)


def test_a_buffer_that_is_overwritten_too_early(program, config):
    """The next layer's activations where the heads' queries still lie."""
    number = next(n for n, i in enumerate(program) if i.op == "quantise")
    first = program[number]
    moved = Instruction("vector", "quantise", first.fields | {"post": 0})
    query = next(n for n, i in enumerate(program) if i.op == "query")
    moved = Instruction("vector", "quantise", moved.fields | {"dst": program[query]["address"]})
    with pytest.raises(ScheduleFault, match="could overwrite"):
        check_order([*program[: query + 1], moved, *program[query + 1 :]], config)


def test_posts_that_a_semaphore_cannot_hold(program, config):
    """The vector unit could be done with all of them before the load unit begins to wait."""
    number = next(n for n, i in enumerate(program) if i.op == "quantise")
    more = Instruction("vector", "select", {"post": 1})
    check_order([*program[:number], *[more] * 14], config)
    with pytest.raises(ScheduleFault, match="more than 15 posts"):
        check_order([*program[:number], *[more] * 16], config)
