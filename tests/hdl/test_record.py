"""Records: fields by name, wired, delayed and decoded; the same in the generators and in converted Verilog."""

import numpy as np
import pytest
from myhdl import Signal, always_comb, intbv

from myhdl_acc.hdl.convert.entity import entity, leaf_ports
from myhdl_acc.hdl.record import Array, Record, signed, view
from myhdl_acc.hdl.stream import Stream
from myhdl_acc.hdl.wiring import field_type, unused
from myhdl_acc.simulate import BACKENDS, Design, clock, open_simulation, reset
from myhdl_acc.simulate.exercise import exercise


def sample():
    return Record(flag=1, number=signed(7), inner=Record(low=4, high=5))


def types(record):
    return {name: field_type(signal) for name, signal in leaf_ports("x", record)}


def test_fields_have_the_widths_and_signs_that_are_written():
    assert types(sample()) == {
        "x_flag": (1, False), "x_number": (7, True), "x_inner_low": (4, False), "x_inner_high": (5, False),
    }  # fmt: skip
    copy = sample().like()
    assert types(copy) == types(sample())
    record = sample()
    assert not {id(s) for _, s in leaf_ports("x", record)} & {id(s) for _, s in leaf_ports("x", record.like())}


def test_an_array_has_numbered_members():
    array = Array("ch", [Stream(data=3) for _ in range(2)])
    assert list(vars(array)) == ["ch00", "ch01"] and len(array) == 2 and array[1] is array.ch01


def test_flipping_swaps_the_ends():
    port = Record(source_ar=Stream(address=4), sink_r=Stream(data=8))
    other = port.flipped()
    assert list(vars(other)) == ["sink_ar", "source_r"] and other.sink_ar is port.source_ar


@entity(outputs=("late", "straight", "cleared"))
def lines(clk, rst, sink, early, straight, late, cleared):
    """``straight`` is ``early``, ``late`` that of 3 cycles ago; ``cleared`` is 0 after a reset."""

    @always_comb
    def accept():
        sink.ready.next = early.flag or sink.valid

    early >> straight
    early.delay(3) >> late
    early.delay(2, reset=("flag", "number")) >> cleared


@pytest.mark.parametrize("backend", ["myhdl", "verilator"])
def test_records_are_wired_and_delayed(backend):
    names = ("early", "straight", "late", "cleared")
    records = {name: Record(flag=1, number=signed(7), inner=Record(bit=1)) for name in names}
    design = Design(lines, clk=clock(), rst=reset(), sink=Stream(), **records)
    with open_simulation(design, backend=backend) as simulation:
        run = simulation.run({"sink": 6, "early_flag": 1, "early_number": -5, "early_inner_bit": 1}, record=True)
    first = {}
    for event in run.events:
        if event.state in ("value:1", "value:-5"):
            first.setdefault(event.unit, event.cycle_start)
    assert first["straight_number"] == 0 and first["late_number"] == 3 and first["cleared_flag"] == 2
    assert first["late_inner_bit"] == 3


@entity
def decoded(clk, rst, sink, source):
    """The fields of a word, as the payload of a link."""
    sink.decode({"low": (0, 3), "high": (5, 7), "bit": (12, 1)}, source).m2s_pipe() >> source


@pytest.mark.parametrize("backend", ["myhdl", "verilator"])
def test_a_word_is_decoded_into_the_fields_of_a_stream(backend):
    design = Design(decoded, clk=clock(), rst=reset(), sink=Stream(word=16), source=Stream(low=3, high=6, bit=1))
    words = np.random.default_rng(1).integers(0, 1 << 16, 40)
    expected = {"low": words & 7, "high": words >> 5 & 63, "bit": words >> 12 & 1}
    exercise(design, {"sink": {"word": words}}, {"source": expected}, backend)


@entity(outputs=("total",))
def viewed(clk, rst, sink, word, total):
    """Uses the fields of a plain word in a process."""
    new = view(word, {"a": (0, 4), "b": (4, 4)})
    unused(clk, rst)

    @always_comb
    def add():
        sink.ready.next = sink.valid
        total.next = new.a + new.b


def test_the_fields_of_a_word_by_name():
    design = Design(
        viewed, clk=clock(), rst=reset(), sink=Stream(), word=Signal(intbv(0)[8:]), total=Signal(intbv(0)[5:])
    )
    with open_simulation(design) as simulation:
        run = simulation.run({"sink": 2, "word": 0x9F}, record=True)
    assert {event.state for event in run.events if event.unit == "total"} == {f"value:{9 + 15}"}


@pytest.mark.parametrize("backend", BACKENDS)
def test_signed_fields_of_a_word(backend):
    source = Stream(small=signed(5), flag=1)
    design = Design(signed_fields, clk=clock(), rst=reset(), sink=Stream(word=16), source=source)
    words = [0x0000, 0x01F0, 0x0100, 0xFFFF]
    with open_simulation(design, backend) as simulation:
        out = simulation.run({"sink": {"word": words}}, {"source": len(words)}).outputs["source"]
    assert out["small"].tolist() == [0, -1, -16, -1] and out["flag"].tolist() == [0, 0, 0, 1]


@entity
def signed_fields(clk, rst, sink, source):
    unused(clk, rst)
    fields = view(sink.word, {"small": (4, 5), "flag": (15, 1)}, like=source.only("small", "flag"))
    sink.translate_with(fields) >> source


def test_a_record_of_some_members():
    record = Record(a=3, b=1, c=signed(4))
    assert list(record.only("c", "a").members().items()) == [("c", record.c), ("a", record.a)]
