"""Slices of weights: the words that the lanes get, in order, whatever the pace of both sides."""

import numpy as np
import pytest
from myhdl import Signal, always_comb

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Array
from myhdl_acc.hdl.stream import Stream
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.vector.unit.weights_packer import LATENCY, weights_packer
from myhdl_acc.simulate import BACKENDS, Design, clock, open_simulation, reset

TINY = AcceleratorConfig.preset("tiny")
ROWS, ATOMS = TINY.rows, TINY.atoms
SLICES = 5


@entity
def weights_packer_bench(clk, rst, sink, source, config):
    """A word of ``sink`` is a push; the second half of a slice waits for room."""
    halves = Array("row", [getattr(sink, f"row{row}") for row in range(config.rows)])
    room, push = Signal(bool(0)), Signal(bool(0))
    weights_packer(push=push, halves=halves, source=source, room=room, config=config)

    @always_comb
    def take():
        sink.ready.next = room or not sink.second
        push.next = sink.valid and (room or not sink.second)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("slow", [False, True])
def test_slices(backend, slow):
    rng = np.random.default_rng(0)
    # Pushes: slice, block, atom; 16 weights of each row.
    weights = rng.integers(0, 256, (SLICES, 2, ATOMS, ROWS, 16)).astype(np.uint8)
    pushes = weights.reshape(-1, ROWS, 16)
    words = {f"row{row}": np.ascontiguousarray(pushes[:, row]) for row in range(ROWS)}
    words["second"] = np.tile(np.repeat([0, 1], ATOMS), SLICES)
    design = Design(
        weights_packer_bench, clk=clock(), rst=reset(), config=TINY,
        sink=Stream(**{f"row{row}": 128 for row in range(ROWS)}, second=1), source=Stream(data=256 * ROWS),
    )  # fmt: skip
    count = SLICES * ATOMS
    gaps = {"source": rng.integers(0, 30, count)} if slow else {}
    with open_simulation(design, backend) as simulation:
        run = simulation.run({"sink": words}, {"source": count}, gaps=gaps, record=True)
    # Groups of four bytes: two tokens of the first block, two of the second.
    pairs = weights.reshape(SLICES, 2, ATOMS, ROWS, 8, 2).transpose(0, 2, 3, 4, 1, 5)
    wanted = pairs.reshape(count, ROWS * 32)
    assert np.array_equal(run.outputs["source"]["data"], wanted)
    if not slow:
        second = run.transfers["sink"].reshape(SLICES, 2, ATOMS)[:, 1].ravel()
        assert (run.transfers["source"] - second == LATENCY).all()
        assert (np.diff(run.transfers["sink"]) == 1).all()
