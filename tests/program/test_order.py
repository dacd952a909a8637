"""Overlap moves stages, it neither loses nor repeats one; an order that could go wrong does not leave the compiler."""

from itertools import pairwise

import pytest

from myhdl_acc.program import order
from myhdl_acc.program.attention import Attention
from myhdl_acc.program.hazards import ScheduleFault
from myhdl_acc.program.order import READ_AHEAD, attention_stages
from myhdl_acc.program.place import HeadBlock, HeadStep

STEP = ["select", "scores", "softmax", "probs", "mix"]


SCALES = {"first_scales", "rest_scales", "old_scales", "new_scales", "all_scales"}


def steps_of(blocks, group):
    pairs = [(HeadBlock(number, number, 1), member) for number in range(blocks) for member in range(group)]
    return [HeadStep(number, *pair) for number, pair in enumerate(pairs)]


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("held_up", [False, True])
@pytest.mark.parametrize(("passes", "group"), [(1, 1), (1, 3), (3, 1), (2, 3)])
def test_every_step_has_its_stages_once_and_in_their_order(passes, group, held_up, shared):
    head_steps = steps_of(passes, group)
    stages = list(attention_stages(head_steps, held_up, shared))
    for step in head_steps:
        number, member = step.block.number, step.member
        own = [stage for stage, of in stages if of == step and stage not in SCALES]
        opening = ["queries", "keys", "value_bias", "values"] if member == 0 else []
        if shared and step.number == 0:
            opening = ["first_queries", "keys", "value_bias", "values", "rest_queries"]
        assert own == opening + STEP
        scales = [stage for stage, of in stages if of == step and stage in SCALES]
        later = ["all_scales"] if held_up else ["old_scales", "new_scales"]
        assert scales == ([] if member else later if number else ["first_scales", "rest_scales", "new_scales"])
    assert all(hasattr(Attention, stage) for stage, _ in stages)


def test_the_engine_is_at_the_next_step_during_a_softmax():
    head_steps = steps_of(2, 2)
    stages = list(attention_stages(head_steps, False))
    for step, following in pairwise(head_steps):
        after = stages[stages.index(("softmax", step)) + 1 :]
        products = [of for stage, of in after if stage in ("queries", "keys", "values", "scores", "mix")]
        assert products[0] is following and step in products


def test_reads_come_ahead_of_their_commands(program):
    reads, commands = ([n for n, i in enumerate(program) if i.unit == unit] for unit in ("read", "engine"))
    assert [(program[r]["address"]) for r in reads] == [program[c]["base"] for c in commands]
    for number, read in enumerate(reads):
        assert sum(command < read for command in commands) == max(0, number - READ_AHEAD)


def test_a_wrong_order_is_not_compiled(compiler, monkeypatch):
    """New keys are asked for before anything has made them."""
    late = order._FIRST_SHARED.replace("keys value_bias rest_scales values rest_queries", "rest_queries keys values")
    monkeypatch.setattr(order, "_FIRST_SHARED", late)
    with pytest.raises(ScheduleFault):
        compiler.program(200, [3])
