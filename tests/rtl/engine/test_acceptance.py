"""Whether a lane takes a beat and what it is, against the same in Python, for random states of a lane."""

import pytest
from engine_benches import acceptance_bench, may_patch_bench

from golden.units.patch import NO_PATCH, PATCH_KEY, PATCH_VALUE
from myhdl_acc.hdl.stream import Stream
from myhdl_acc.simulate import Design, clock, reset
from myhdl_acc.simulate.exercise import exercise
from myhdl_acc.simulate.scoreboard import random_words

OPERANDS = ("slice", "key", "value", "room")
STATE = ("busy", "beat", "last", "meta", "in_parameters", "new_slice", "at_scale", *OPERANDS)
STEPS = ("weights", "scales", "parameters", "swap")


def may_patch(patch, key, value, room):
    return {NO_PATCH: 1, PATCH_KEY: key & room, PATCH_VALUE: value & room}[patch]


def accepted(s):
    """The outputs for a state ``s`` by name: a beat goes on if its operands are there; it is of one kind."""
    begins = s["new_slice"] and not s["in_parameters"]
    go = s["busy"] and may_patch(s["patch"], s["key"], s["value"], s["room"]) and (s["slice"] or not begins)
    kind = "parameters" if s["in_parameters"] else "scales" if s["at_scale"] else "weights"
    taken = {name: int(go and s["beat"] and name == kind) for name in STEPS[:3]}
    swap = taken["weights"] and s["new_slice"]
    finish = s["last"] and taken["parameters" if s["meta"] else "weights"]
    return taken | {"swap": swap, "go": int(go), "finish": finish}


def columns(rows):
    return {name: [row[name] for row in rows] for name in rows[0]}


@pytest.mark.parametrize(("backend", "count"), [("myhdl", 1500), ("verilator", 20000)])
def test_acceptance(backend, count):
    fields = {name: (1, False) for name in STATE}
    words = random_words(fields, count, 1)
    words["patch"] = random_words({"patch": (16, False)}, count, 2)["patch"] % 3
    words["busy"] |= words["beat"]  # most lanes have a command
    states = [dict(zip(words, map(int, values), strict=True)) for values in zip(*words.values(), strict=True)]
    expected = columns([accepted(state) for state in states])
    assert all(min(column) == 0 and max(column) == 1 for column in expected.values())
    design = Design(
        acceptance_bench, clk=clock(), rst=reset(), sink=Stream(**dict.fromkeys(STATE, 1), patch=2),
        source=Stream(**dict.fromkeys((*STEPS, "go", "finish"), 1)),
    )  # fmt: skip
    exercise(design, {"sink": words}, {"source": expected}, backend, ("full_speed",))


@pytest.mark.parametrize("backend", ["myhdl", "verilator"])
def test_may_patch(backend):
    """All of its inputs."""
    rows = [
        {"patch": patch, "key": n & 1, "value": n >> 1 & 1, "room": n >> 2}
        for patch in (NO_PATCH, PATCH_KEY, PATCH_VALUE)
        for n in range(8)
    ]
    design = Design(
        may_patch_bench, clk=clock(), rst=reset(), sink=Stream(patch=2, key=1, value=1, room=1), source=Stream(may=1)
    )
    expected = {"may": [may_patch(**row) for row in rows]}
    exercise(design, {"sink": columns(rows)}, {"source": expected}, backend, ("full_speed",))
