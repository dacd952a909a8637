"""The sequencer against its golden twin: the loop nest, and no cycle lost between beats or operations."""

import numpy as np
import pytest
from engine_benches import owner_after_bench, sequencer_bench
from hypothesis import given, settings
from hypothesis import strategies as st

from golden.units.patch import NO_PATCH, PATCH_KEY, PATCH_VALUE
from golden.units.sequencer import sequencer as golden_sequencer
from myhdl_acc.hdl.stream import Stream
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.engine.command import META, MODES, command_stream
from myhdl_acc.rtl.engine.records import ADDRESS, BANK, FIRST, FRESH, LAST, RESULT
from myhdl_acc.simulate import BACKENDS, Design, clock, open_simulation, reset
from myhdl_acc.simulate.exercise import exercise

CONFIG = AcceleratorConfig.preset("tiny")
ADDRESS_BITS = (CONFIG.acc_depth - 1).bit_length()
#: (mode, outer, middle, inner, params)
NESTS = [
    ("w2", 3, 5, 1, 0),
    ("w4", 2, 16, 2, 2),
    ("pv", 5, 4, 1, 0),
    ("meta", 0, 7, 1, 3),
    ("w8", 1, 3, 4, 1),
    ("qk", 2, 6, 2, 3),
    ("meta", 1, 1, 1, 1),
    ("w2", 1, 1, 1, 0),
    ("w4", 1, 1, 2, 5),
]
CODES = MODES | {"meta": META}


def run_commands(backend, nests, collect_time=1, gaps=None, patches=None, more=()):
    """The run, and the golden beats, of commands of NESTS; ``patches``: each one's (patch, release); ``more``: the
    numbers of those that the next one adds to."""
    patches = patches or [(NO_PATCH, 0)] * len(nests)
    expected, bank = [], 1
    for n, (nest, (patch, release)) in enumerate(zip(nests, patches, strict=True)):
        adds = n - 1 in more
        bank ^= not adds
        beats = golden_sequencer(*nest, more=n in more, adds=adds)
        beats = [dict(beat, operation=n, release=0, bank=bank) for beat in beats]
        beats[-1]["release"] = patch if release else 0
        expected += beats
    design = Design(
        sequencer_bench,
        clk=clock(),
        rst=reset(),
        sink_cmd=command_stream(CONFIG),
        sink_beat=Stream(data=1),
        sink_operand=Stream(data=1),
        sink_key=Stream(data=1),
        sink_value=Stream(data=1),
        sink_room=Stream(data=1),
        source=Stream(
            scale=1,
            parameter=1,
            swap=1,
            phase=2,
            control=6 + ADDRESS_BITS,
            number=16,
            outer=16,
            key=1,
            value=1,
            from_chain=1,
            from_local=1,
        ),
        collect_time=collect_time,
        config=CONFIG,
    )
    commands = {name: [0] * len(nests) for name in design.inputs["sink_cmd"].fields} | {
        "mode": [CODES[mode] for mode, *_ in nests],
        "outer": [nest[1] for nest in nests],
        "middle": [nest[2] for nest in nests],
        "inner": [nest[3] - 1 for nest in nests],
        "params": [nest[4] for nest in nests],
        "patch": [patch for patch, _ in patches],
        "release": [release for _, release in patches],
        "more": [int(n in more) for n in range(len(nests))],
    }
    counts = {
        "sink_beat": len(expected),
        "sink_operand": sum(beat.get("swap", False) for beat in expected),
        "sink_key": sum(beat["release"] == PATCH_KEY for beat in expected),
        "sink_value": sum(beat["release"] == PATCH_VALUE for beat in expected),
        "sink_room": sum(patches[beat["operation"]][0] != NO_PATCH for beat in expected),
    }
    inputs = {"sink_cmd": commands} | {name: {"data": [0] * count} for name, count in counts.items()}
    gaps = {name: gap(counts.get(name, len(nests))) for name, gap in (gaps or {}).items()}
    with open_simulation(design, backend) as simulation:
        run = simulation.run(inputs, {"source": len(expected)}, gaps=gaps, record=True)
    return run, expected


def next_slices(nests, expected):
    """After each beat, what the slice after the one in use is for: its mode, or None if a META is in between."""
    slices = [sum(beat.get("swap", False) for beat in expected if beat["operation"] == n) for n in range(len(nests))]
    for beat in expected:
        n = beat["operation"]
        slices[n] -= beat.get("swap", False)
        after = n if slices[n] else n + 1
        yield nests[after][0] if after < len(nests) and nests[after][0] != "meta" else None


def check(run, expected, nests, all_there):
    """``all_there``: every beat's next command is offered already."""
    out = run.outputs["source"]
    for i, mode in enumerate(next_slices(nests, expected)):
        origin = int(out["from_chain"][i]), int(out["from_local"][i])
        right = (mode is not None and mode != "pv", mode == "pv")
        assert origin == right or (origin == (0, 0) and not all_there)
    for i, beat in enumerate(expected):
        control = int(out["control"][i])
        assert bool(out["scale"][i]) == (beat["kind"] == "scale")
        assert bool(out["parameter"][i]) == (beat["kind"] == "parameter")
        assert control & 1 == (beat["kind"] == "weights")
        assert control >> RESULT & 1 == beat["result"]
        assert control >> BANK & 1 == beat["bank"]
        assert (int(out["key"][i]), int(out["value"][i])) == (
            beat["release"] == PATCH_KEY,
            beat["release"] == PATCH_VALUE,
        )
        got = {"number": int(out["number"][i])}
        if beat["kind"] == "weights":
            got = {
                "first": control >> FIRST & 1, "last": control >> LAST & 1, "fresh": control >> FRESH & 1,
                "address": control >> ADDRESS, "outer": int(out["outer"][i]),
                "swap": int(out["swap"][i]), "phase": int(out["phase"][i]),
            }  # fmt: skip
        if beat["kind"] != "scale":
            assert got == {name: int(beat[name]) for name in got}


@pytest.mark.parametrize("backend", BACKENDS)
def test_no_cycle_lost_between_operations(backend):
    run, expected = run_commands(backend, NESTS)
    check(run, expected, NESTS, True)
    assert (np.diff(run.transfers["source"]) == 1).all()


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_command_adds_to_the_one_before(backend):
    """In its bank, so that three of them and one after have two banks; without a pause."""
    nests = [("w2", 1, 6, 1, 0), ("pv", 3, 4, 1, 0), ("pv", 2, 4, 1, 0), ("pv", 1, 4, 1, 0), ("w2", 2, 5, 1, 0)]
    run, expected = run_commands(backend, nests, more=(1, 2))
    assert [beat["bank"] for beat in expected if beat["swap"]] == [0, 1, 1, 1, 1, 0, 0]
    check(run, expected, nests, True)
    assert (np.diff(run.transfers["source"]) == 1).all()


@settings(max_examples=15, deadline=None)
@given(
    st.integers(0, 1 << 32),
    st.lists(st.tuples(st.sampled_from(NESTS), st.integers(0, 2), st.integers(0, 1)), min_size=1, max_size=5),
    st.integers(1, 40),
)
def test_random_back_pressure(seed, commands, collect_time):
    rng = np.random.default_rng(seed)
    longest = {"sink_cmd": 30, "sink_beat": 3, "sink_operand": 8, "sink_key": 50, "sink_value": 50, "sink_room": 4}
    gaps = {name: lambda count, most=most: rng.integers(0, most, count) for name, most in longest.items()}
    nests, patches = [nest for nest, *_ in commands], [tuple(patch) for _, *patch in commands]
    # A buffer that is never released would stay offered; the last command gives both back.
    used = {patch for patch, _ in patches if patch}
    nests += [("w2", 1, 1, 1, 0)] * len(used)
    patches += [(patch, 1) for patch in sorted(used)]
    check(*run_commands("myhdl", nests, collect_time, gaps, patches), nests, False)


@pytest.mark.parametrize("patch, stream", [(PATCH_KEY, "sink_key"), (PATCH_VALUE, "sink_value")])
def test_a_patching_command_waits_for_its_buffer_and_for_room(patch, stream):
    nests = [("w2", 1, 2, 1, 0), ("qk", 1, 3, 1, 1), ("w2", 1, 1, 1, 0)]
    patches = [(NO_PATCH, 0), (patch, 1), (NO_PATCH, 0)]
    run, expected = run_commands("myhdl", nests, gaps={stream: lambda n: [20] * n}, patches=patches)
    check(run, expected, nests, False)
    beats = run.transfers["source"]
    assert beats[1] < 20 and beats[2] == 21  # the buffer fills in cycle 20
    assert (np.diff(beats[2:]) == 1).all()
    run, expected = run_commands("myhdl", nests, gaps={"sink_room": lambda n: [1] * n}, patches=patches)
    check(run, expected, nests, False)
    beats, room = run.transfers["source"], run.transfers["sink_room"]
    assert np.isin(beats[2:6], room).all() and (np.diff(beats[2:6]) == 2).all()


@pytest.mark.parametrize("backend", ["myhdl", "verilator"])
def test_owner_after(backend):
    """All of its inputs: the command's own slices first, then, once its last one is in use, the next command's."""
    names = ("swap", "another", "last", "own_local", "own_chain", "following")
    rows = [
        {name: n >> i & 1 for i, name in enumerate(names)} | {"mode": mode}
        for mode in CODES.values()
        for n in range(1 << len(names))
    ]
    whose = ["own" if row["another"] or (row["last"] and not row["swap"]) else "following" for row in rows]
    following = {"local": (CODES["pv"],), "chain": [code for name, code in CODES.items() if name not in ("pv", "meta")]}
    expected = {
        f"from_{side}": [
            row[f"own_{side}"] if owner == "own" else int(row["following"] and row["mode"] in following[side])
            for row, owner in zip(rows, whose, strict=True)
        ]
        for side in ("local", "chain")
    }
    design = Design(
        owner_after_bench, clk=clock(), rst=reset(), sink=Stream(**dict.fromkeys(names, 1), mode=3),
        source=Stream(from_local=1, from_chain=1),
    )  # fmt: skip
    words = {name: [row[name] for row in rows] for name in rows[0]}
    exercise(design, {"sink": words}, {"source": expected}, backend, ("full_speed",))
