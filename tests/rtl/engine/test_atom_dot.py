"""The multiplier array against its golden twin, at random and at the extremes of every operand."""

import numpy as np
import pytest
from engine_benches import atom_dot_bench

from golden.units.atom_dot import atom_dot as golden_dot
from myhdl_acc.hdl.stream import Stream, signed
from myhdl_acc.rtl.engine import atom_dot as unit
from myhdl_acc.simulate import BACKENDS, Design, clock, open_simulation, reset


def pack(values, width):
    """Rows of small integers as little-endian words, field 0 lowest."""
    values = np.asarray(values, np.int64) & ((1 << width) - 1)
    bit = (values[:, :, None] >> np.arange(width)) & 1
    return np.packbits(bit.reshape(len(values), -1).astype(np.uint8), axis=1, bitorder="little")


def stimulus(rng, count, rows):
    factors = rng.integers(-8, 8, (count, 16))
    slices = rng.integers(-128, 128, (count, rows, 32))
    wide = rng.integers(0, 2, count)
    scale = rng.integers(0, 256, count)
    extreme = np.arange(count) < count // 2
    factors[extreme] = rng.choice([-8, 7], (extreme.sum(), 1))
    slices[extreme] = rng.choice([-128, 127], (extreme.sum(), rows, 1))
    scale[extreme] = 255
    # The decoder lets no high digit of −8 through.
    factors[:, 1::2] = np.where(wide[:, None] == 1, np.maximum(factors[:, 1::2], -7), factors[:, 1::2])
    return {
        "factors": factors,
        "slices": slices,
        "wide": wide,
        "scale": scale,
        "positions": rng.integers(0, 4, (count, 16)),
        "load": rng.integers(0, 2, count),
        "swap": rng.integers(0, 2, count),
    }


def expected(words, rows):
    """All rows' dots of every word: factors meet the slice that the swaps up to the word before have made active."""
    shadow, active = np.zeros((rows, 32), int), np.zeros((rows, 32), int)
    dots = []
    known = False
    seen_load = False
    for t in range(len(words["wide"])):
        if words["swap"][t]:
            active_next, known_next = shadow.copy(), seen_load
        else:
            active_next, known_next = active, known
        if words["load"][t]:
            shadow, seen_load = words["slices"][t], True
        # The factors of word t are used one cycle later, when a swap of word t has taken effect as well.
        active, known = active_next, known_next
        factors, positions = words["factors"][t], words["positions"][t]
        wide = bool(words["wide"][t])
        dots.append(
            [golden_dot(active[r], factors, positions, words["scale"][t], wide) if known else None for r in range(rows)]
        )
    return dots


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("seed", "rows", "packed"), [(0, 2, True), (1, 2, True), (0, 1, False), (1, 2, False)])
def test_dots_like_golden(backend, seed, rows, packed):
    words = stimulus(np.random.default_rng(seed), 160, rows)
    sink = Stream(load=1, load_data=256 * rows, swap=1, factors=64, positions=32, wide=1, scale=8, show=1)
    source = Stream(**{f"dot{row}": signed(unit.DOT_BITS) for row in range(rows)})
    design = Design(atom_dot_bench, clk=clock(), rst=reset(), sink=sink, source=source, rows=rows, packed=packed)
    positions = (words["positions"] << (2 * np.arange(16))).sum(1)
    # The bench presents swap and factors together; the unit wants the factors one cycle after the swap.
    inputs = {
        "load": words["load"],
        "load_data": pack(words["slices"].reshape(-1, 32 * rows), 8),
        "swap": words["swap"],
        "factors": pack(words["factors"], 4),
        "positions": positions,
        "wide": words["wide"],
        "scale": words["scale"],
    }
    delayed = {
        name: np.concatenate([np.zeros_like(column[:1]), column]) if name in ("factors", "positions", "wide", "scale")
        else np.concatenate([column, np.zeros_like(column[:1])])
        for name, column in inputs.items()
    }  # fmt: skip
    wanted = expected(words, rows)
    shown = np.array([False] + [dots[0] is not None for dots in wanted])
    assert shown.sum() > 100
    with open_simulation(design, backend) as simulation:
        run = simulation.run({"sink": delayed | {"show": shown}}, {"source": int(shown.sum())}, record=True)
    got = np.stack([run.outputs["source"][f"dot{row}"] for row in range(rows)], axis=1)
    assert got.tolist() == [dots for dots in wanted if dots[0] is not None]
    assert (run.transfers["source"] - run.transfers["sink"][shown] == unit.LATENCY).all()
    assert (np.diff(run.transfers["sink"]) == 1).all()
