"""The patch and its buffers against the golden twin: which beats, which nibbles, what goes back to memory and where."""

from dataclasses import dataclass

import numpy as np
import pytest
from engine_benches import patch_bench
from hypothesis import given, settings
from hypothesis import strategies as st
from myhdl import Signal, intbv
from new_tokens import token_words

from golden.layout import HeadLanes
from golden.units.load_unit import NEW_KEY, NEW_VALUE
from golden.units.patch import NO_PATCH, PATCH_KEY, PATCH_VALUE
from golden.units.patch import patch as golden_patch
from myhdl_acc.hdl.stream import Stream
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.engine import patch as unit
from myhdl_acc.rtl.engine.command import LANE_BITS, META, MODES, command_stream, write_stream
from myhdl_acc.simulate import BACKENDS, Design, clock, open_simulation, reset

CODES = MODES | {"meta": META}
CONFIGS = {
    "tiny": AcceleratorConfig.preset("tiny"),
    "wide": AcceleratorConfig(lanes=8, rows=4, beat_bits=256, acc_depth=32, max_k=512),
}


@dataclass
class Command:
    """A command with the positions' beats; D = ``dims``, ``indices``: tokens (pairs if split) or blocks of the lane."""

    mode: str
    code: int
    params: int
    indices: int
    dims: int
    split: int
    slot: int
    tokens: int
    heads_log2: int
    base: int
    release: int = 1
    skip: int = 0

    @property
    def middle(self):
        return {"qk": self.indices, "pv": self.dims}.get(self.mode, 1)

    @property
    def beats(self):
        loops = {"qk": self.indices, "pv": self.indices * self.dims, "meta": 0}[self.mode]
        return self.params + loops


def design(config):
    sink_beat = Stream(
        data=config.beat_bits, parameter=1, number=16, outer=16, address=(config.acc_depth - 1).bit_length(), finish=1
    )
    return Design(
        patch_bench,
        clk=clock(),
        rst=reset(),
        sink_cmd=command_stream(config),
        sink_word=Stream(kind=2, data=config.load_bits),
        sink_beat=sink_beat,
        source=Stream(data=config.beat_bits),
        source_write=write_stream(config),
        source_free=Stream(data=2),
        lane_index=Signal(intbv(0)[LANE_BITS:]),
        config=config,
    )


def run_commands(backend, config, lane, commands, rng, gaps=None):
    """Every word that comes out is compared with the golden twin; returns the run."""
    rows, atoms = config.rows, config.atoms
    words, beats, places, wanted, writes = [], [], [], [], []
    current = {PATCH_KEY: None, PATCH_VALUE: None}
    for command in commands:
        if command.code and current[command.code] is None:
            nibbles = rng.integers(-8, 8, (rows, 16 * atoms)).astype(np.int8)
            parameters = rng.choice([0, (1 << 32) - 1, *rng.integers(0, 1 << 32, 3)], rows).astype(np.uint32)
            current[command.code] = nibbles, parameters
            kind = NEW_KEY if command.code == PATCH_KEY else NEW_VALUE
            words += [(kind, word) for word in token_words(nibbles, parameters, config)]
        nibbles, parameters = current[command.code] if command.code else ([None] * rows, [None] * rows)
        old = rng.integers(0, 256, (command.beats, 8 * atoms)).astype(np.uint8)
        positions = [
            HeadLanes(config.lanes, command.heads_log2, 16 * atoms).position(command.slot + row, lane)
            if row < command.tokens
            else None
            for row in range(rows)
        ]
        new, patched = golden_patch(
            old, command.mode, command.code, command.params, command.middle, command.split, positions, nibbles,
            parameters,
        )  # fmt: skip
        for n in range(command.beats):
            outer, address = divmod(max(0, n - command.params), command.middle)
            places.append((n < command.params, min(n, command.params), outer, address, n == command.beats - 1))
        beats.append(old)
        wanted.append(new)
        writes += [((command.base + n + command.skip * (n >= command.params)) % (1 << 32), new[n]) for n in patched]
        if command.release and command.code:
            current[command.code] = None
    inputs = {
        "sink_cmd": {
            name: [0] * len(commands) for name in ("outer", "inner", "middle", "params", "more")
        } | {
            "mode": [CODES[c.mode] for c in commands], "patch": [c.code for c in commands],
        } | {
            name: [getattr(c, name) for c in commands]
            for name in ("split", "release", "heads_log2", "slot", "tokens", "base", "skip")
        },
        "sink_word": {
            "kind": [kind for kind, _ in words],
            "data": np.array([word for _, word in words], np.uint8).reshape(len(words), config.load_bits // 8),
        },
        "sink_beat": dict(zip(("parameter", "number", "outer", "address", "finish"), np.array(places).T, strict=True))
        | {"data": np.concatenate(beats)},
        "lane_index": lane,
    }  # fmt: skip
    expect = {
        "source": sum(c.beats for c in commands), "source_write": len(writes),
        "source_free": sum(c.release and c.code != NO_PATCH for c in commands),
    }  # fmt: skip
    counts = {"sink_cmd": len(commands), "sink_word": len(words), "sink_beat": expect["source"]} | expect
    delays = {name: gap(counts[name]) for name, gap in (gaps or {}).items()}
    with open_simulation(design(config), backend) as simulation:
        run = simulation.run(inputs, expect, gaps=delays, record=True)
    assert np.array_equal(run.outputs["source"]["data"], np.concatenate(wanted))
    if writes:
        assert run.outputs["source_write"]["address"].tolist() == [address for address, _ in writes]
        assert np.array_equal(run.outputs["source_write"]["data"], [data for _, data in writes])
    assert (run.transfers["source"] - run.transfers["sink_beat"] == unit.LATENCY).all()
    return run


def slots_of(lane, heads_log2, config, position):
    """The slot with a position in a lane."""
    block, offset = divmod(position, 16 * config.atoms)
    return (block * (config.lanes >> heads_log2) + (lane >> heads_log2)) * 16 * config.atoms + offset


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_kind_of_patch(backend):
    config, lane = CONFIGS["tiny"], 1
    at = [slots_of(lane, heads_log2, config, position) for heads_log2, position in ((0, 5), (0, 38), (1, 31), (0, 3))]
    commands = [
        Command("qk", PATCH_KEY, 3, 12, 32, 0, at[0], 1, 0, 100),
        Command("meta", PATCH_VALUE, 10, 0, 0, 0, at[1], 2, 0, 7, release=0),
        Command("pv", PATCH_VALUE, 0, 2, 16, 0, at[1], 2, 0, 1 << 30),
        Command("qk", NO_PATCH, 3, 12, 32, 0, at[0], 1, 0, 100),
        Command("qk", PATCH_KEY, 10, 16, 16, 1, at[2], 2, 1, 5),
        Command("qk", PATCH_KEY, 2, 4, 16, 1, slots_of(0, 0, config, 3), 1, 0, 5),
        Command("pv", PATCH_VALUE, 2, 1, 5, 0, at[3], 1, 0, 0),
        Command("qk", PATCH_KEY, 3, 12, 32, 0, at[0], 1, 0, 100, skip=3000),
    ]
    run = run_commands(backend, config, lane, commands, np.random.default_rng(1))
    assert len(run.transfers["source_write"]) == 2 + 1 + 16 + 3 + 0 + 5 + 2


def test_patched_beats_follow_each_other_without_a_gap():
    config = CONFIGS["tiny"]
    run = run_commands(
        "myhdl", config, 0, [Command("pv", PATCH_VALUE, 0, 1, 16, 0, 3, 1, 0, 0)], np.random.default_rng(2)
    )
    assert (np.diff(run.transfers["sink_beat"]) == 1).all()
    assert (run.transfers["source_write"] - run.transfers["sink_beat"] == unit.LATENCY + 1).all()


@st.composite
def command_lists(draw, config):
    commands, lane = [], draw(st.integers(0, config.lanes - 1))
    for _ in range(draw(st.integers(1, 4))):
        mode = draw(st.sampled_from(["qk", "pv", "meta"]))
        code = draw(st.sampled_from({"qk": [1, 1, 0], "pv": [2, 2, 0], "meta": [2, 2, 1, 0]}[mode]))
        split = draw(st.integers(0, 1)) if mode == "qk" else 0
        indices = draw(st.integers(1, 3 if mode == "pv" else config.acc_depth))
        dims = draw(st.integers(1, min(16 * config.atoms, config.acc_depth)))
        heads_log2 = draw(st.integers(0, config.lanes.bit_length() - 1))
        longest = {"qk": indices * (1 + split), "pv": indices * 16 * config.atoms, "meta": 40}[mode] + 4
        if draw(st.integers(0, 3)):
            slot = slots_of(lane, heads_log2, config, draw(st.integers(0, longest)))
        else:
            slot = draw(st.integers(0, (1 << 32) - 16))
        params = draw(st.integers(int(mode == "meta"), 20))
        base = draw(st.sampled_from([0, 77, (1 << 32) - 1000]))
        tokens = draw(st.integers(0, config.rows))
        release, skip = draw(st.integers(0, 1)), draw(st.sampled_from([0, 0, 30, (1 << 16) - 1]))
        place = slot, tokens, heads_log2, base, release, skip
        commands.append(Command(mode, code, params, indices, dims, split, *place))
    return lane, commands


GAPS = {"sink_cmd": 9, "sink_word": 4, "sink_beat": 3, "source_write": 5}


@settings(max_examples=25, deadline=None)
@given(st.data(), st.sampled_from(sorted(CONFIGS)), st.integers(0, 1 << 32))
def test_any_commands_under_back_pressure(data, name, seed):
    config = CONFIGS[name]
    lane, commands = data.draw(command_lists(config))
    rng = np.random.default_rng(seed)
    gaps = {name: lambda count, most=most: rng.integers(0, most, count) for name, most in GAPS.items()}
    run_commands("myhdl", config, lane, commands, rng, gaps)
