"""Overlap moves steps, it neither loses nor repeats one; an order that could go wrong does not leave the compiler."""

import pytest

from myhdl_acc.program import order
from myhdl_acc.program.attention import Attention
from myhdl_acc.program.hazards import ScheduleFault
from myhdl_acc.program.order import READ_AHEAD, attention_steps

TURN = ["select", "scores", "softmax", "probs", "mix"]
SCALES = {"first_scales", "rest_scales", "old_scales", "new_scales", "all_scales"}


@pytest.mark.parametrize("held_up", [False, True])
@pytest.mark.parametrize(("passes", "group"), [(1, 1), (1, 3), (3, 1), (2, 3)])
def test_every_turn_has_its_steps_once_and_in_their_order(passes, group, held_up):
    turns = [(number, member) for number in range(passes) for member in range(group)]
    steps = list(attention_steps(turns, held_up))
    for turn, (number, member) in enumerate(turns):
        own = [step for step, of in steps if of == turn and step not in SCALES]
        opening = ["queries", "keys", "value_bias", "values"] if member == 0 else []
        assert own == opening + TURN
        scales = [step for step, of in steps if of == turn and step in SCALES]
        later = ["all_scales"] if held_up else ["old_scales", "new_scales"]
        assert scales == ([] if member else later if number else ["first_scales", "rest_scales", "new_scales"])
    assert all(hasattr(Attention, step) for step, _ in steps)


def test_the_engine_is_at_the_next_turn_during_a_softmax():
    steps = list(attention_steps([(0, 0), (0, 1), (1, 0), (1, 1)], False))
    for turn in range(3):
        after = steps[steps.index(("softmax", turn)) + 1 :]
        assert after.index(("probs", turn)) > 0 and after[0][1] == turn + 1


def test_reads_come_ahead_of_their_commands(program):
    reads, commands = ([n for n, i in enumerate(program) if i.unit == unit] for unit in ("read", "engine"))
    assert [(program[r]["address"]) for r in reads] == [program[c]["base"] for c in commands]
    for number, read in enumerate(reads):
        assert sum(command < read for command in commands) == max(0, number - READ_AHEAD)


def test_a_wrong_order_is_not_compiled(compiler, monkeypatch):
    """New keys are asked for before anything has made them."""
    monkeypatch.setattr(order, "_FIRST", order._FIRST.replace("keys value_bias rest_scales values", "values keys"))
    with pytest.raises(ScheduleFault):
        compiler.program(200, [3])
