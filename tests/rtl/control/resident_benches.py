"""The blocks that resolve the resident program between streams, so that every simulator can drive them."""

from myhdl import Signal, always_comb, always_seq

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record
from myhdl_acc.hdl.stream import Stream
from myhdl_acc.hdl.wiring import unused
from myhdl_acc.rtl.control.cache_view import SLOT_BITS, cache_shape, cache_view, view_record
from myhdl_acc.rtl.control.resolve import pass_record, resolve
from myhdl_acc.simulate import Design, clock, reset


@entity
def cache_view_bench(clk, rst, sink, source, config):
    """sink: a pass's shape, ``position``, ``slot`` and ``left``; source: its view, a cycle after ``done``. The next
    pass's operands come and its view is begun in that cycle."""
    unused(source.ready)
    start, done, busy, shown = (Signal(bool(0)) for _ in range(4))
    shape = Record(**{name: getattr(sink, name) for name in cache_shape().members()})

    @always_comb
    def connect():
        start.next = sink.valid and not busy
        sink.ready.next = done
        source.valid.next = shown

    @always_seq(clk.posedge, reset=rst)
    def follow():
        shown.next = done
        if done:
            busy.next = False
        elif sink.valid:
            busy.next = True

    cache_view(
        start=start,
        shape=shape,
        position=sink.position,
        slot=sink.slot,
        left=sink.left,
        view=Record(**source.payload()),
        done=done,
        config=config,
    )


def cache_view_design(config):
    return Design(
        cache_view_bench,
        clk=clock(),
        rst=reset(),
        sink=Stream(**cache_shape().members(), position=32, slot=SLOT_BITS, left=32),
        source=Stream(**view_record().members()),
        config=config,
    )


@entity(outputs=("idle",))
def resolve_bench(clk, rst, sink, sink_pass, source, now, idle, config):
    """sink: a word and the ``offset`` that it comes with; sink_pass: a pass begins."""
    words = Stream(word=256)

    @always_comb
    def connect():
        words.valid.next = sink.valid
        words.word.next = sink.word
        sink.ready.next = words.ready
        sink_pass.ready.next = not rst

    resolve(
        sink=words,
        source=source,
        offset=sink.offset,
        new_pass=sink_pass.valid,
        now=now,
        idle=idle,
        config=config,
    )


def resolve_design(config):
    return Design(
        resolve_bench,
        clk=clock(),
        rst=reset(),
        sink=Stream(word=256, offset=32),
        sink_pass=Stream(),
        source=Stream(word=256),
        now=pass_record(config),
        idle=Signal(bool(0)),
        config=config,
    )
