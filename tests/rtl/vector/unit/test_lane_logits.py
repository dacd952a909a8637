"""A lane's logits: the chosen row's in beats to memory, every row's largest; zeros fill the last beat."""

import numpy as np
import pytest
from myhdl import Signal, always_comb, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Array, Record, signed
from myhdl_acc.hdl.stream import Stream
from myhdl_acc.hdl.wiring import constant
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.vector.arith.argmax import candidate
from myhdl_acc.rtl.vector.unit import records
from myhdl_acc.rtl.vector.unit.lane_logits import lane_logits
from myhdl_acc.simulate import BACKENDS, Design, clock, open_simulation, reset

TINY = AcceleratorConfig.preset("tiny")
WORDS, ROWS, PLACE = TINY.beat_bits // 32, TINY.rows, 1
CONTROL = {name: len(signal) for name, signal in records.logits_control().members().items()}


@entity(outputs=("bests",))
def lane_logits_bench(clk, rst, sink, source, draw, bests, config):
    """A word of ``sink`` is a cycle in which there is room: of control, and the rows' values."""
    control, flags = records.logits_control(), Record(commit=1, pad=1, clear=1, start=1)
    flags >> control.only("commit", "pad", "clear", "start")
    plain = ("partial", "row", "heads", "index", "address")
    sink.only(*plain) >> control.only(*plain)
    values = Array("row", [getattr(sink, f"value{row}") for row in range(config.rows)])
    room, place = Signal(bool(0)), Signal(intbv(0)[6:])
    constant(q=place, number=PLACE)
    lane_logits(
        logits=control,
        draw=draw,
        place=place,
        values=values,
        source=source,
        room=room,
        bests=bests,
        config=config,
    )

    @always_comb
    def take():
        sink.ready.next = room
        flags.commit.next = sink.commit and sink.valid and room
        flags.pad.next = sink.pad and sink.valid and room
        flags.clear.next = sink.clear and sink.valid and room
        flags.start.next = sink.start and sink.valid and room


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("slow", [False, True])
def test_beats_and_the_largest(backend, slow):
    rng = np.random.default_rng(0)
    count, row, base, heads = 3 * WORDS + 1, ROWS - 1, 1000, PLACE  # the last element is beyond the vocabulary
    values = rng.integers(-1000, 1000, (ROWS, count))
    words = {name: np.zeros(count + 1, np.int64) for name in CONTROL}
    words["start"][0] = words["clear"][0] = 1
    words["commit"][1:] = 1
    words["partial"][-1] = 1
    words["index"][1:] = np.arange(count)
    words["row"][:], words["address"][:], words["heads"][:] = row, base, heads
    padding = -count % WORDS
    words = {name: np.concatenate([column, column[-1:].repeat(padding)]) for name, column in words.items()}
    words["commit"][count + 1 :], words["pad"][count + 1 :] = 0, 1
    data = np.concatenate([np.zeros((ROWS, 1), np.int64), values, np.ones((ROWS, padding), np.int64)], axis=1)
    words |= {f"value{r}": data[r] for r in range(ROWS)}
    sink = Stream(**{name: Signal(signal.val) for name, signal in records.logits_control().members().items()})
    for r in range(ROWS):
        setattr(sink, f"value{r}", Signal(signed(32)))
    source = Stream(address=32, data=TINY.beat_bits)
    bests = Array("row", [candidate() for _ in range(ROWS)])
    design = Design(
        lane_logits_bench,
        clk=clock(),
        rst=reset(),
        sink=sink,
        source=source,
        draw=records.draw(TINY),
        bests=bests,
        config=TINY,
    )
    beats = -(-count // WORDS)
    gaps = {"source": [40] * beats} if slow else {}
    with open_simulation(design, backend) as simulation:
        run = simulation.run({"sink": words}, {"source": beats}, gaps=gaps, record=True)
    out = run.outputs["source"]
    assert out["address"].tolist() == list(range(base, base + beats))
    padded = np.zeros(beats * WORDS, "<i4")
    padded[:count] = values[row]
    assert np.array_equal(out["data"].view("<i4").ravel(), padded)
    if not slow:
        assert (np.diff(run.transfers["sink"]) == 1).all()
