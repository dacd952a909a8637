"""Whether a lane takes a beat and what it is, against the same in Python, for random states of a lane."""

import pytest
from engine_benches import acceptance_bench

from myhdl_acc.hdl.stream import Stream
from myhdl_acc.simulate import Design, clock, reset
from myhdl_acc.simulate.exercise import exercise
from myhdl_acc.simulate.scoreboard import random_words

STATE = (
    "may", "beat", "last", "meta", "patches", "in_parameters", "new_slice", "at_scale", "slice", "room",
    "busy", "waiting",
)  # fmt: skip
STEPS = ("weights", "scales", "parameters", "swap")


def accepted(s):
    """The outputs for a state ``s`` by name: a beat goes on if its operands are there; it is of one kind."""
    begins = s["new_slice"] and not s["in_parameters"]
    go = s["may"] and (s["room"] or not s["patches"]) and (s["slice"] or not begins)
    kind = "parameters" if s["in_parameters"] else "scales" if s["at_scale"] else "weights"
    taken = {name: int(go and s["beat"] and name == kind) for name in STEPS[:3]}
    swap = taken["weights"] and s["new_slice"]
    finish = s["last"] and taken["parameters" if s["meta"] else "weights"]
    launch = int(s["waiting"] and (finish or not s["busy"]))
    return taken | {"swap": swap, "go": int(go), "finish": finish, "launch": launch}


def columns(rows):
    return {name: [row[name] for row in rows] for name in rows[0]}


@pytest.mark.parametrize(("backend", "count"), [("myhdl", 1500), ("verilator", 20000)])
def test_acceptance(backend, count):
    fields = {name: (1, False) for name in STATE}
    words = random_words(fields, count, 1)
    words["may"] |= words["beat"]  # most lanes have a command
    states = [dict(zip(words, map(int, values), strict=True)) for values in zip(*words.values(), strict=True)]
    expected = columns([accepted(state) for state in states])
    assert all(min(column) == 0 and max(column) == 1 for column in expected.values())
    design = Design(
        acceptance_bench, clk=clock(), rst=reset(), sink=Stream(**dict.fromkeys(STATE, 1)),
        source=Stream(**dict.fromkeys((*STEPS, "go", "finish", "launch"), 1)),
    )  # fmt: skip
    exercise(design, {"sink": words}, {"source": expected}, backend, ("full_speed",))
