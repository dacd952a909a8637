"""What a command waits for is what the check of order says must have happened."""

import pytest

from golden.units.sequencer import sequencer
from myhdl_acc.program.annotate import annotate, first_beat
from myhdl_acc.program.hazards import _Order
from myhdl_acc.rtl.control.instruction import Instruction
from myhdl_acc.trace.steps import layer_of


@pytest.fixture
def annotated(program, compiler, config):
    program = program[:-1]
    return program, *annotate(program, compiler.map.regions, config)


def test_a_commands_last_need_is_the_orders_clock(annotated, config):
    """The latest instruction of the vector unit that has surely ended when a command ends."""
    program, _steps, needs = annotated
    order, vector, clocks = _Order(config), [], []
    for number, instruction in enumerate(program):
        order.add(instruction)
        if instruction.unit == "vector":
            vector.append(number)
        elif instruction.unit == "engine":
            clocks.append(order._clocks["engine"][2])
    latest, found = -1, []
    for command in range(len(clocks)):
        of_command = needs[(needs["command"] == command) & (needs["why"] == "no_operand")]
        latest = max(latest, of_command["vector"].max(initial=-1))
        found.append(latest)
    assert found == [vector[clock - 1] if clock else -1 for clock in clocks]
    assert len(set(found)) > 10


def test_results_are_taken_in_the_order_of_commands(annotated):
    _program, steps, needs = annotated
    takers = [number for number, step in enumerate(steps) if step["takes"]]
    assert steps["command"][takers].tolist() == list(range((steps["unit"] == "engine").sum()))
    banks = needs[needs["why"] == "no_bank"]
    assert banks["vector"].tolist() == takers[:-2] and banks["command"].tolist() == list(range(2, len(takers)))


def test_regions_and_layers(annotated):
    _program, steps, _ = annotated
    names = [step["name"] for step in steps if step["unit"] == "engine"]
    assert names[0] == "embedding.rows" and names[-1] == "embedding" and "layers.1.heads.0.keys" in names
    layers = list(dict.fromkeys(layer_of(name) for name in steps["name"].tolist()))
    assert layers == ["embed", "layer 0", "layer 1", "head"]
    # What takes no results belongs to what follows.
    norm = next(number for number, step in enumerate(steps) if step["op"] == "norm")
    assert steps["name"][norm] == "layers.0.attn_norm"


@pytest.mark.parametrize(
    "op, outer, middle, inner", [("w4", 3, 7, 2), ("w2", 2, 5, 1), ("pv", 5, 4, 1), ("qk", 1, 9, 1)]
)
def test_the_beat_that_begins_a_slice(op, outer, middle, inner):
    """As the sequencer counts, which takes a scale beat ahead of the weights it is for."""
    i = Instruction("engine", op, {"outer": outer, "middle": middle, "inner": inner - 1, "params": 2})
    beats = sequencer(op, outer, middle, inner, 2)
    swaps = [number for number, beat in enumerate(beats) if beat.get("swap")]
    begins = [number - (beats[number - 1]["kind"] == "scale") for number in swaps]
    assert [first_beat(i, number) for number in range(len(swaps))] == begins
