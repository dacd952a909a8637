"""Paths of small netlists, added up by hand, and of an entity with others in it against the same without."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myhdl_acc.hdl.convert.errors import ConversionError
from myhdl_acc.report.timing.module import Module
from myhdl_acc.report.timing.part import Arc, Part, Timing, Wires, gate, register

CLOCK, SETUP, LOGIC, CARRY = 0.5, 0.25, 2.0, 0.125


def carry(parameters, inputs, outputs):
    return Timing(arcs=(Arc.of("c", "y", CARRY), Arc.of("a", "y", 1.0)), direct=frozenset("c"))


KINDS = {"register": register("clk", "D", SETUP, CLOCK), "carry": carry, "logic": gate(LOGIC)}


def part(first=1.0, doubling=0.0, kinds=KINDS):
    return Part("a part", Wires(first, doubling), kinds)


def cell(kind, **nets):
    """Of one with the output Q or y."""
    directions = {port: "output" if port in ("Q", "y") else "input" for port in nets}
    bits = {port: [net] for port, net in nets.items()}
    return {"type": kind, "parameters": {}, "port_directions": directions, "connections": bits}


def netlist(cells, ports=()):
    """``ports``: (name, direction, net)."""
    given = {name: {"direction": direction, "bits": [net]} for name, direction, net in ports}
    return {"ports": given, "cells": cells, "netnames": {}}


def test_a_path_is_what_its_cells_and_wires_take():
    cells = {
        "first": cell("register", D=9, Q=1),
        "one": cell("logic", a=1, b="0", y=2),
        "two": cell("logic", a=2, b=1, y=3),
        "last": cell("register", D=3, Q=9),
    }
    (path,) = Module("whole", netlist(cells), part(), {}).slowest(1)
    # The last wire is within a slice. The net that the register drives has two loads.
    assert path.ns == CLOCK + 1 + LOGIC + 1 + LOGIC + SETUP
    assert (path.start, path.end, path.levels, path.wires) == ("first", "last", 2, 2)
    (path,) = Module("whole", netlist(cells), part(1.0, 0.5), {}).slowest(1)
    assert path.wires == 2.5


def test_a_table_with_two_loads_is_not_beside_its_register():
    cells = {
        "first": cell("register", D=2, Q=1),
        "one": cell("logic", a=1, b="1", y=2),
        "last": cell("register", D=2, Q=3),
    }
    (path, *_) = Module("whole", netlist(cells), part(), {}).slowest(2)
    assert path.ns == CLOCK + 1 + LOGIC + 1 + SETUP


def test_carries_have_a_wire_of_their_own():
    cells = {"first": cell("register", D=7, Q=1), "c0": cell("carry", a=1, c="0", y=2)}
    cells |= {f"c{i}": cell("carry", a="0", c=i + 1, y=i + 2) for i in range(1, 4)}
    cells["last"] = cell("register", D=5, Q=6)
    (path,) = Module("whole", netlist(cells), part(), {}).slowest(1)
    assert path.ns == CLOCK + 1 + 1.0 + 3 * CARRY + 1 + SETUP


def test_registers_are_named_by_what_they_hold():
    cells = {"$1": cell("register", D=4, Q=2), "$2": cell("register", D=2, Q=4)}
    names = {"first": {"bits": [2]}, "$3": {"bits": [4], "hide_name": 1}}
    paths = Module("whole", netlist(cells) | {"netnames": names}, part(), {}).slowest(2)
    assert sorted((path.start, path.end) for path in paths) == [("$2", "first"), ("first", "$2")]


def test_each_end_has_a_path():
    cells = {f"in_{i}": cell("register", D="0", Q=i) for i in (2, 3)}
    cells |= {"one": cell("logic", a=2, b="0", y=4), "short": cell("register", D=3, Q=8)}
    cells["long"] = cell("register", D=4, Q=9)
    paths = Module("whole", netlist(cells), part(), {}).slowest(5)
    assert [(path.start, path.end) for path in paths] == [("in_2", "long"), ("in_3", "short")]


def test_logic_in_a_circle_is_refused():
    cells = {"one": cell("logic", a=1, b=2, y=3), "two": cell("logic", a=3, b="0", y=2)}
    with pytest.raises(ConversionError, match="whole: there is logic in a circle"):
        Module("whole", netlist(cells), part(), {})


def test_a_path_may_begin_and_end_in_entities_below():
    below = {"first": cell("register", D=1, Q=2), "zero": cell("logic", a=2, b="0", y=8)}
    below |= {"one": cell("logic", a=8, b=1, y=3)}
    child = Module("child", netlist(below, [("i", "input", 1), ("o", "output", 3)]), part(), {})
    instance = {"type": "child", "parameters": {}, "port_directions": {"i": "input", "o": "output"}}
    cells = {
        "u_one": instance | {"connections": {"i": [5], "o": [6]}},
        "u_two": instance | {"connections": {"i": [6], "o": [7]}},
        "two": cell("logic", a=7, b="0", y=5),
    }
    with pytest.raises(ConversionError, match="circle"):
        Module("whole", netlist(cells), part(), {"child": child})
    cells["two"] = cell("register", D=7, Q=5)
    path, *others = Module("whole", netlist(cells), part(), {"child": child}).slowest(5)
    through = [("child", CLOCK + 1 + LOGIC + 1 + LOGIC), ("whole", 1), ("child", LOGIC), ("whole", 1 + SETUP)]
    assert [(hop.entity, hop.ns) for hop in path.hops] == through
    assert (path.start, path.end, path.levels) == ("u_one.first", "two", 3)
    assert {(other.start, other.end) for other in others} == {("u_one.first", "u_two.first"), ("two", "u_one.first")}


@st.composite
def graphs(draw):
    """(cells below, cells beside them, nets that lead in, nets that lead out): numbers grow along every path."""
    kinds = draw(st.lists(st.sampled_from(["logic", "logic", "register"]), min_size=3, max_size=12))
    below = draw(st.lists(st.booleans(), min_size=len(kinds), max_size=len(kinds)))
    cells = []
    for number, kind in enumerate(kinds):
        sources = st.integers(0, number)
        if kind == "register":
            cells.append(cell(kind, D=draw(sources), Q=number + 1))
        else:
            cells.append(cell(kind, a=draw(sources), b=draw(sources), y=number + 1))
    named = [(f"c{number}", one) for number, one in enumerate(cells)]
    named.append(("c_start", cell("register", D="0", Q=0)))
    inner = dict(one for one, low in zip(named, [*below, False], strict=True) if low)
    return inner, {name: one for name, one in named if name not in inner}


def nets(cells, direction):
    return {
        net
        for one in cells.values()
        for port, (net,) in one["connections"].items()
        if one["port_directions"][port] == direction and net != "0"
    }


@given(graphs())
def test_an_entity_below_changes_no_path(graph):
    """The slowest one lies in the entity, or is what its cells would be without it."""
    inner, outer = graph
    # Whether a table has one load is not seen across an entity's edge.
    slices = part(kinds=KINDS | {"register": register("clk", "none", SETUP, CLOCK)})
    flat = Module("whole", netlist(inner | outer), slices, {}).slowest(1)
    inputs = nets(inner, "input") & nets(outer, "output")
    outputs = nets(inner, "output") & nets(outer, "input")
    ports = [(f"i{net}", "input", net) for net in inputs] + [(f"o{net}", "output", net) for net in outputs]
    child = Module("child", netlist(inner, ports), slices, {})
    instance = {
        "type": "child",
        "parameters": {},
        "port_directions": {name: direction for name, direction, _ in ports},
        "connections": {name: [net] for name, _, net in ports},
    }
    whole = Module("whole", netlist(outer | {"u_child": instance}), slices, {"child": child})
    found = [*child.slowest(1), *whole.slowest(1)]
    assert max((path.ns for path in found), default=None) == max((path.ns for path in flat), default=None)
    for path in found:
        assert path.ns == pytest.approx(sum(hop.ns for hop in path.hops)) and path.start and path.end


def test_a_cell_of_another_part_is_refused():
    with pytest.raises(ConversionError, match="no delay is known of a cell of type lamp"):
        Module("whole", netlist({"one": cell("lamp", a=1, y=2)}), part(), {})
