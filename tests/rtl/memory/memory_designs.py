"""What the memory tests share: benches with a memory behind the block, and what must come out."""

import numpy as np
from myhdl import Signal, always, always_comb, always_seq, block, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record
from myhdl_acc.hdl.stream import Stream, halt_when
from myhdl_acc.rtl.memory.axi_read import axi_reader
from myhdl_acc.rtl.memory.axi_write import axi_writer
from myhdl_acc.rtl.memory.channels import (
    beat_shift,
    read_command_stream,
    read_port,
    status,
    write_port,
)
from myhdl_acc.rtl.memory.lane_memory import lane_memory
from myhdl_acc.rtl.memory.prefetch import prefetch
from myhdl_acc.rtl.memory.program_memory import program_memory
from myhdl_acc.simulate import Design, clock, reset
from myhdl_acc.simulate.memory_model import memory_model

PAGE = 4096


def bit():
    return Signal(bool(0))


def code():
    return Signal(intbv(0)[2:])


def base_address():
    return Signal(intbv(0)[64:])


def write_beat_stream(beat_bits):
    """A beat to be written to a beat address."""
    return Stream(address=32, data=beat_bits)


def beats_of(count, beat_bits, seed):
    """Random beats as the simulations take them."""
    return np.random.default_rng(seed).integers(0, 256, (count, beat_bits // 8), np.uint8)


def bursts_of(commands, beat_bits, burst, base=0):
    """(address, length) of every request for a list of (address, beats), from the documentation."""
    requests = []
    for address, beats in commands:
        while beats:
            size = min(beats, burst - address % burst)
            requests.append((base + (address << beat_shift(beat_bits)), size - 1))
            address, beats = address + size, beats - size
    return requests


@entity
def hindered(clk, rst, sink, source, seed, share):
    """Holds words up in about ``share`` of 16 cycles, at random."""
    random = Signal(intbv(seed)[16:])
    condition = Signal(bool(0))

    @always_seq(clk.posedge, reset=rst)
    def shift():
        random.next[16:1] = random[15:]
        random.next[0] = random[15] ^ random[13] ^ random[12] ^ random[10]

    @always_comb
    def decide():
        condition.next = random[4:] < share

    return shift, decide, halt_when(clk, rst, sink, source, condition)


@entity
def hindered_memory(
    clk, rst, sink_ar, source_r, sink_aw, sink_w, source_b, sink_load, sink_peek, source_peek, words, latency, share
):
    """A memory model whose five channels are held up."""
    ar, r, aw, w, b = (stream.like() for stream in (sink_ar, source_r, sink_aw, sink_w, source_b))
    return (
        hindered(clk, rst, sink_ar, ar, 0xACE1, share),
        hindered(clk, rst, r, source_r, 0x1234, share),
        hindered(clk, rst, sink_aw, aw, 0xBEEF, share),
        hindered(clk, rst, sink_w, w, 0x0F0F, share),
        hindered(clk, rst, b, source_b, 0x7777, share),
        memory_model(clk, rst, ar, r, aw, w, b, sink_load, sink_peek, source_peek, words, latency),
    )


@entity(outputs=("idle", "error"))
def read_bench(
    clk, rst, sink_command, source_beat, sink_load, base, idle, error, depth, outstanding, words, latency, share
):
    """A prefetch with a memory behind it; nothing is written but by loading."""
    beat_bits = len(source_beat.data)
    reading, writing = read_port(beat_bits), write_port(beat_bits)
    peek, peeked = Stream(address=32), Stream(data=beat_bits)

    @always_seq(clk.posedge, reset=rst)
    def nothing_else():
        writing.source_aw.valid.next = False
        writing.source_aw.address.next = 0
        writing.source_aw.length.next = 0
        writing.source_w.valid.next = False
        writing.source_w.data.next = 0
        writing.source_w.last.next = False
        writing.sink_b.ready.next = False
        peek.valid.next = False
        peek.address.next = 0
        peeked.ready.next = False

    for stream in (writing.source_aw, writing.source_w, peek):
        stream.ready.read = True
    for stream in (writing.sink_b, peeked):
        for signal in vars(stream).values():
            signal.read = True
    return (
        nothing_else,
        prefetch(
            clk, rst, sink_command, reading, source_beat, base, Record(idle=idle, error=error), depth, outstanding
        ),
        hindered_memory(
            clk, rst, reading.source_ar, reading.sink_r, *writing.members().values(), sink_load, peek, peeked,
            words, latency, share,
        ),
    )  # fmt: skip


@entity(outputs=("idle", "error"))
def write_bench(
    clk, rst, sink_beat, sink_load, sink_peek, source_peek, base, idle, error, burst, outstanding, words, latency, share
):
    """A writer with a memory behind it, which is read back through sink_peek."""
    beat_bits = len(sink_beat.data)
    reading, writing = read_port(beat_bits), write_port(beat_bits)

    @always_seq(clk.posedge, reset=rst)
    def nothing_else():
        reading.source_ar.valid.next = False
        reading.source_ar.address.next = 0
        reading.source_ar.length.next = 0
        reading.sink_r.ready.next = False

    reading.source_ar.ready.read = True
    for signal in vars(reading.sink_r).values():
        signal.read = True
    return (
        nothing_else,
        axi_writer(clk, rst, sink_beat, writing, base, Record(idle=idle, error=error), burst, outstanding),
        hindered_memory(
            clk, rst, reading.source_ar, reading.sink_r, *writing.members().values(), sink_load, sink_peek, source_peek,
            words, latency, share,
        ),
    )  # fmt: skip


@entity(outputs=("read_idle", "write_idle", "fetch_idle", "read_error", "write_error", "fetch_error"))
def lane_bench(
    clk, rst, sink_command, source_beat, sink_patch, sink_logits, sink_fetch, source_program, sink_load, sink_peek,
    source_peek, base, read_idle, write_idle, fetch_idle, read_error, write_error, fetch_error, config, words, latency,
    share,
):  # fmt: skip
    """Lane 0: reader, writer and program fetch on one memory."""
    lane, port, writing = read_port(config.beat_bits), read_port(config.beat_bits), write_port(config.beat_bits)
    halt = bit()
    return (
        lane_memory(
            clk, rst, sink_command, source_beat, sink_patch, sink_logits, Record(read=lane, write=writing), base, halt,
            Record(read=Record(idle=read_idle, error=read_error), write=Record(idle=write_idle, error=write_error)),
            config,
        ),
        never(clk, halt),
        program_memory(
            clk, rst, sink_fetch, source_program, lane.flipped(), port, base,
            Record(idle=fetch_idle, error=fetch_error),
        ),
        hindered_memory(
            clk, rst, port.source_ar, port.sink_r, *writing.members().values(), sink_load, sink_peek, source_peek,
            words, latency, share,
        ),
    )  # fmt: skip


@block
def never(clk, flag):
    """``flag`` stays low."""

    @always(clk.posedge)
    def drive():
        flag.next = False

    return drive


def reader_design(beat_bits, depth, burst, outstanding=4):
    """The reader alone."""
    return Design(
        axi_reader, clk=clock(), rst=reset(), sink_command=read_command_stream(), port=read_port(beat_bits),
        source_beat=Stream(data=beat_bits), base=base_address(), taken=bit(), status=status(),
        depth=depth, burst=burst, outstanding=outstanding,
    )  # fmt: skip


def writer_design(beat_bits, burst=16, outstanding=4):
    """The writer alone."""
    return Design(
        axi_writer, clk=clock(), rst=reset(), sink_beat=write_beat_stream(beat_bits), port=write_port(beat_bits),
        base=base_address(), status=status(),
        burst=burst, outstanding=outstanding,
    )  # fmt: skip


def read_bench_design(beat_bits, depth, words, outstanding=32, latency=24, share=0):
    return Design(
        read_bench, clk=clock(), rst=reset(), sink_command=read_command_stream(), source_beat=Stream(data=beat_bits),
        sink_load=write_beat_stream(beat_bits), base=base_address(), idle=bit(), error=code(), depth=depth,
        outstanding=outstanding, words=words, latency=latency, share=share,
    )  # fmt: skip


def write_bench_design(beat_bits, words, burst=16, outstanding=32, latency=24, share=0):
    return Design(
        write_bench, clk=clock(), rst=reset(), sink_beat=write_beat_stream(beat_bits),
        sink_load=write_beat_stream(beat_bits), sink_peek=Stream(address=32), source_peek=Stream(data=beat_bits),
        base=base_address(), idle=bit(), error=code(), burst=burst, outstanding=outstanding, words=words,
        latency=latency, share=share,
    )  # fmt: skip


def lane_bench_design(config, words, latency=24, share=0):
    beat = config.beat_bits
    return Design(
        lane_bench, clk=clock(), rst=reset(), sink_command=read_command_stream(), source_beat=Stream(data=beat),
        sink_patch=write_beat_stream(beat), sink_logits=write_beat_stream(beat), sink_fetch=read_command_stream(),
        source_program=Stream(data=beat), sink_load=write_beat_stream(beat), sink_peek=Stream(address=32),
        source_peek=Stream(data=beat), base=base_address(), read_idle=bit(), write_idle=bit(), fetch_idle=bit(),
        read_error=code(), write_error=code(), fetch_error=code(), config=config, words=words, latency=latency,
        share=share,
    )  # fmt: skip


def lane_design(config):
    """lane_memory alone, as it is on the card."""
    beat = config.beat_bits
    return Design(
        lane_memory, clk=clock(), rst=reset(), sink_command=read_command_stream(), source_beat=Stream(data=beat),
        sink_patch=write_beat_stream(beat), sink_logits=write_beat_stream(beat),
        port=Record(read=read_port(beat), write=write_port(beat)), halt=bit(), base=base_address(),
        status=Record(read=status(), write=status()), config=config,
    )  # fmt: skip


def program_design(config):
    """program_memory alone."""
    beat = config.beat_bits
    return Design(
        program_memory, clk=clock(), rst=reset(), sink_command=read_command_stream(), source_beat=Stream(data=beat),
        client=read_port(beat).flipped(), port=read_port(beat), base=base_address(), status=status(),
    )  # fmt: skip


def level(run, name):
    """The value of a probe in every cycle of a recorded run."""
    values = []
    for event in run.events:
        if event.unit == name:
            values += [int(event.state.removeprefix("value:"))] * (event.cycle_end - event.cycle_start)
    return values


def integers(column):
    """A field wider than 63 bits, which comes as bytes, as integers."""
    return [int.from_bytes(bytes(row), "little") for row in column]


def requests_of(run, stream):
    """(address, length) of a request channel's words."""
    words = run.outputs[stream]
    return list(zip(integers(words["address"]), words["length"].tolist(), strict=True))
