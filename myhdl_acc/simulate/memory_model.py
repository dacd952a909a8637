"""A small memory behind an AXI port, for simulations of the whole accelerator in any simulator."""

from myhdl import Signal, always, always_comb, block, concat, intbv, modbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.stream.fifo import fifo
from myhdl_acc.hdl.stream.stream import Stream
from myhdl_acc.hdl.wiring import unused
from myhdl_acc.rtl.memory.channels import DECERR, OKAY, beat_shift

#: Bursts of each kind that wait or are served.
OUTSTANDING = 32

#: Cycles from a request to its data, as an idle HBM channel of the U280 takes at 225 MHz.
LATENCY = 24


@entity
def memory_model(
    clk, rst, sink_ar, source_r, sink_aw, sink_w, source_b, sink_load, sink_peek, source_peek, words, latency=LATENCY
):
    """``words`` beats of memory (a power of two, 2 or more) from byte address 0 on, with ideal timing.

    A burst's first beat is offered ``latency`` cycles (5 or more) after its request was taken, or after the burst
    before it; then a beat per cycle. A write burst is answered ``latency`` cycles after its last beat. Beats beyond
    the memory are answered with DECERR and 0; writes there are answered with DECERR and do nothing. sink_load
    (address in beats, data) fills the memory, sink_peek (address) → source_peek (data) reads it back, in 2 cycles, a
    word per cycle; they are meant for before and after. A word that was never written is not known: load all of them.
    """
    if words & (words - 1) or words < 2 or latency < 5:
        raise ValueError(f"memory_model: {words} words, latency {latency}: a power of two from 2 on; 5 or more")
    beat_bits = len(sink_load.data)
    shift = beat_shift(beat_bits)
    index_bits = words.bit_length() - 1
    memory_write, write_index, write_data = Signal(bool(0)), Signal(intbv(0)[index_bits:]), Signal(intbv(0)[beat_bits:])
    read_enable, read_index, read_data = Signal(bool(0)), Signal(intbv(0)[index_bits:]), Signal(intbv(0)[beat_bits:])
    peek_enable, peek_index, peek_data = Signal(bool(0)), Signal(intbv(0)[index_bits:]), Signal(intbv(0)[beat_bits:])
    store_enable, store_index = Signal(bool(0)), Signal(intbv(0)[index_bits:])

    @always_comb
    def load():
        sink_load.ready.next = not store_enable
        if store_enable:
            memory_write.next = True
            write_index.next = store_index
            write_data.next = sink_w.data
        else:
            memory_write.next = sink_load.valid
            write_index.next = sink_load.address[index_bits:]
            write_data.next = sink_load.data

    read_side(
        sink_ar=sink_ar,
        source_r=source_r,
        enable=read_enable,
        index=read_index,
        data=read_data,
        latency=latency,
        index_bits=index_bits,
        shift=shift,
    )
    write_side(
        sink_aw=sink_aw,
        sink_w=sink_w,
        source_b=source_b,
        enable=store_enable,
        index=store_index,
        latency=latency,
        index_bits=index_bits,
        shift=shift,
    )
    peek_side(
        sink_peek=sink_peek,
        source_peek=source_peek,
        enable=peek_enable,
        index=peek_index,
        data=peek_data,
        index_bits=index_bits,
    )
    array(
        write=memory_write,
        write_index=write_index,
        data=write_data,
        read=read_enable,
        read_index=read_index,
        read_data=read_data,
        peek=peek_enable,
        peek_index=peek_index,
        peek_data=peek_data,
        words=words,
    )


@block
def array(clk, write, write_index, data, read, read_index, read_data, peek, peek_index, peek_data, words):
    """A write port and two read ports that take a cycle."""
    memory = [Signal(intbv(0)[len(data) :]) for _ in range(words)]

    @always(clk.posedge)
    def access():
        if write:
            memory[write_index].next = data
        if read:
            read_data.next = memory[read_index]
        if peek:
            peek_data.next = memory[peek_index]


@block
def countdown(clk, rst, start, done, due, cycles):
    """``due`` while fewer ``done`` than ``start`` were seen up to ``cycles`` cycles ago."""
    stages = Signal(intbv(0)[cycles:])
    top = cycles - 1
    waiting = Signal(intbv(0, min=0, max=2 * OUTSTANDING))
    arrived = Signal(bool(0))

    @always(clk.posedge)
    def shift():
        if rst:
            stages.next = 0
        else:
            stages.next = concat(stages[top:], start)

    @always_comb
    def arrive():
        arrived.next = stages[top]
        due.next = waiting != 0

    @always(clk.posedge)
    def count():
        if rst:
            waiting.next = 0
        elif arrived and not done:
            waiting.next = waiting + 1
        elif done and not arrived:
            waiting.next = waiting - 1


@block
def read_side(clk, rst, sink_ar, source_r, enable, index, data, latency, index_bits, shift):
    """Takes requests and gives beats."""
    queued = Stream(address=64, length=8)
    taken, due, start, active, ends, step, full, beyond = (Signal(bool(0)) for _ in range(8))
    position = Signal(modbv(0)[64 - shift :])
    left = Signal(modbv(0)[8:])

    @always_comb
    def accept():
        taken.next = sink_ar.valid and sink_ar.ready

    @always_comb
    def advance():
        # The memory's output register holds the beat that is offered.
        step.next = active and (source_r.ready or not full)
        ends.next = active and (source_r.ready or not full) and left == 0
        start.next = queued.valid and due and (not active or ((source_r.ready or not full) and left == 0))
        queued.ready.next = due and (not active or ((source_r.ready or not full) and left == 0))

    @always(clk.posedge)
    def walk():
        if start:
            position.next = queued.address[64:shift]
            left.next = queued.length
        elif step:
            position.next = position + 1
            left.next = left - 1

    @always(clk.posedge)
    def occupy():
        if rst:
            active.next = False
            full.next = False
        else:
            if start:
                active.next = True
            elif ends:
                active.next = False
            if step:
                full.next = True
            elif source_r.ready:
                full.next = False

    @always_comb
    def fetch():
        enable.next = step
        index.next = position[index_bits:]

    @always(clk.posedge)
    def beside():
        if step:
            source_r.last.next = left == 0
            beyond.next = position[:index_bits] != 0

    @always_comb
    def offer():
        source_r.valid.next = full
        if beyond:
            source_r.data.next = 0
            source_r.resp.next = DECERR
        else:
            source_r.data.next = data
            source_r.resp.next = OKAY

    fifo(sink=sink_ar, source=queued, depth=OUTSTANDING)
    countdown(start=taken, done=start, due=due, cycles=latency - 3)


@block
def write_side(clk, rst, sink_aw, sink_w, source_b, enable, index, latency, index_bits, shift):
    """Takes write bursts and answers them."""
    queued = Stream(address=64, length=8)
    answers, held = Stream(resp=2), Stream(resp=2)
    due, start, active, finished, answered, beyond, fits = (Signal(bool(0)) for _ in range(7))
    position = Signal(modbv(0)[64 - shift :])

    unused(queued.length)

    @always_comb
    def place():
        fits.next = position[:index_bits] == 0

    @always_comb
    def accept():
        sink_w.ready.next = active and answers.ready
        enable.next = sink_w.valid and active and answers.ready and fits
        index.next = position[index_bits:]
        finished.next = sink_w.valid and active and answers.ready and sink_w.last

    @always_comb
    def next_burst():
        start.next = queued.valid and (not active or finished)
        queued.ready.next = not active or finished

    @always(clk.posedge)
    def walk():
        if start:
            position.next = queued.address[64:shift]
            beyond.next = False
        elif sink_w.valid and active and answers.ready:
            position.next = position + 1
            beyond.next = beyond or not fits

    @always(clk.posedge)
    def occupy():
        if rst:
            active.next = False
        elif start:
            active.next = True
        elif finished:
            active.next = False

    @always_comb
    def answer():
        answers.valid.next = finished
        if beyond or not fits:
            answers.resp.next = DECERR
        else:
            answers.resp.next = OKAY

    @always_comb
    def give():
        source_b.valid.next = held.valid and due
        held.ready.next = source_b.ready and due
        source_b.resp.next = held.resp
        answered.next = held.valid and due and source_b.ready

    fifo(sink=sink_aw, source=queued, depth=OUTSTANDING)
    fifo(sink=answers, source=held, depth=OUTSTANDING)
    countdown(start=finished, done=answered, due=due, cycles=latency - 1)


@block
def peek_side(clk, rst, sink_peek, source_peek, enable, index, data, index_bits):
    """Reads single words: the address is registered with the memory's output."""
    full = Signal(bool(0))

    @always_comb
    def handshake():
        sink_peek.ready.next = source_peek.ready or not full
        enable.next = sink_peek.valid and (source_peek.ready or not full)
        index.next = sink_peek.address[index_bits:]
        source_peek.valid.next = full
        source_peek.data.next = data

    @always(clk.posedge)
    def occupy():
        if rst:
            full.next = False
        elif sink_peek.valid and (source_peek.ready or not full):
            full.next = True
        elif source_peek.ready:
            full.next = False
