"""What a lane reports: illegal weights, and what it did in every cycle."""

import numpy as np
import pytest

from golden.formats.matrix import PHASES, PackedMatrix
from golden.operation import Operation
from myhdl_acc.driver.rtl_engine import RtlEngine
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.engine.sequencer import BEAT, NO_BANK, NO_BEAT, NO_COMMAND, NO_OPERAND, STATES

TINY = AcceleratorConfig.preset("tiny")
BACKENDS = ("myhdl", "verilator")
rng = np.random.default_rng(3)


def operation(kind, bad_atom=None, row=4):
    """Six outputs of 64 terms with zero weights, but for ``bad_atom``."""
    atoms = np.full((6, 2, PHASES[kind]), w2_zero() if kind == "w2" else 0, np.uint64)
    if bad_atom is not None:
        atoms[row, 1, -1] = bad_atom
    scales = np.ones((6, 2), np.uint8) if kind == "w4" else None
    x = rng.integers(-128, 128, (1, 64)).astype(np.int8)
    return Operation(kind, PackedMatrix(kind, 6, 64, atoms, scales), x)


def w2_zero():
    return PackedMatrix.pack("w2", np.zeros((1, 32), np.int8), np.ones((1, 1), np.uint8)).atoms[0, 0, 0]


def values(run, unit, lane=-1):
    """The value of a probe in every cycle of a run."""
    cycles = np.full(run.cycles, -1)
    for event in run.events:
        if (event.unit, event.lane) == (unit, lane):
            assert (cycles[event.cycle_start : event.cycle_end] == -1).all()  # one value per cycle
            cycles[event.cycle_start : event.cycle_end] = int(event.state.removeprefix("value:"))
    return cycles


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("kind", "atom"),
    [("w2", int(w2_zero()) & ~(127 << 21) | code << 21) for code in (113, 119, 127)]
    + [("w8", 0x80 << 40), ("w8", 0x8F << 56)],
)
def test_error_stays_after_an_illegal_weight(backend, kind, atom):
    with RtlEngine(TINY, backend, record=True) as engine:
        engine.execute([operation("w2")])
        assert (values(engine.run, "error") == 0).all()
        engine.execute([operation(kind, atom)])
        error = values(engine.run, "error")
        # Output 4 is the third of lane 0; its second atom is in the same beat as the first, w8's in the last phase.
        beat = engine.run.transfers["sink_beat_ch00"][3 * PHASES[kind] - 1]
        assert error.tolist() == [0] * (beat + 3) + [1] * (engine.run.cycles - beat - 3)
        engine.execute([operation("w2")])
        assert (values(engine.run, "error") == 1).all()


@pytest.mark.parametrize("backend", BACKENDS)
def test_other_lanes_raise_it_too(backend):
    with RtlEngine(TINY, backend, record=True) as engine:
        engine.execute([operation("w2", (1 << 64) - 1, row=3)])
        assert values(engine.run, "error")[-1] == 1


@pytest.mark.parametrize("backend", BACKENDS)
def test_no_error_where_every_pattern_is_legal(backend):
    with RtlEngine(TINY, backend, record=True) as engine:
        keys = np.full((9, 40), -8, np.int8)
        query = np.full((1, 40), 5, np.int8)
        engine.execute([operation("w4", 0x8888888888888888), Operation("qk", keys, query)])
        assert (values(engine.run, "error") == 0).all()


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_cycle_is_one_state_and_agrees_with_the_stream(backend):
    operations = [operation("w2"), operation("w8"), operation("w4"), operation("w2"), operation("w2")]

    def gaps(inputs, words):
        beats = {name: len(fields["data"]) for name, fields in inputs.items() if name.startswith("sink_beat")}
        delays = {name: rng.integers(0, 3, count) for name, count in beats.items()}
        return delays | {
            "sink_load": rng.integers(0, 12, len(inputs["sink_load"]["lane"])),
            "source_result": rng.integers(0, 15, words),
        }

    with RtlEngine(TINY, backend, record=True) as engine:
        engine.execute(operations, gaps=gaps)
        run = engine.run
    seen = set()
    for lane in range(TINY.lanes):
        state = values(run, "state", lane)
        assert ((state >= 0) & (state < len(STATES))).all()  # every cycle has one
        stream = np.full(run.cycles, "", object)
        for event in run.events:
            if (event.unit, event.lane) == ("sink_beat", lane):
                stream[event.cycle_start : event.cycle_end] = event.state
        assert ((state == BEAT) == (stream == "transfer")).all()
        assert np.isin(stream[state == NO_BEAT], ("starved", "idle")).all()
        assert (stream[state == NO_OPERAND] == "stalled").all()
        assert np.isin(stream[np.isin(state, (NO_COMMAND, NO_BANK))], ("stalled", "idle")).all()
        seen |= set(state.tolist())
    assert seen == set(range(len(STATES)))
