"""Reads the program ahead of its execution."""

from myhdl import Signal, always_comb, always_seq, intbv, modbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record
from myhdl_acc.hdl.stream import Stream, fifo, width_converter
from myhdl_acc.rtl.control.isa import INSTRUCTION_BITS

CHUNK = 8  #: instructions asked for at a time: 256 bytes, the least that HBM reads at full rate
CHUNKS = 2  #: that may be asked for and not yet passed on


def beat_counts(config):
    """(beats of a chunk, beats of the buffer)."""
    chunk = CHUNK * INSTRUCTION_BITS // config.beat_bits
    return chunk, CHUNKS * chunk


@entity(outputs=("busy",))
def fetch(clk, rst, start, stop, program_address, instructions, source_fetch, sink_fetch, source, busy, config):
    """Read ``instructions`` instructions from beat ``program_address`` on and give them to ``source``.

    source_fetch: Stream(address=32, beats=32), at most a chunk at a time; sink_fetch: Stream(data=beat_bits), the beats
    that were asked for, in order; source: Stream(word=256). Beats are asked for only if there is room for them, so
    ``sink_fetch`` never stalls. If the last beat has room for more instructions than were asked for, they come out too.
    ``stop`` ends the asking; ``busy`` is low when nothing was asked for, under way or offered in the cycle before.
    ``start`` and ``stop`` are pulses or levels; ``start`` is allowed while ``busy`` is low. Latency: 3 cycles from
    ``start`` to the command; 1 from a beat to its instruction, 2 if beats are not instructions; an instruction per
    cycle while memory delivers.
    """
    chunk, depth = beat_counts(config)
    beats, buffered, words = Stream(data=config.beat_bits), Stream(data=config.beat_bits), Stream(data=INSTRUCTION_BITS)
    left = Signal(intbv(0)[33:])  # beats not asked for
    address = Signal(modbv(0)[32:])
    amount = Signal(intbv(0, min=0, max=chunk + 1))
    waiting = Signal(intbv(0, min=0, max=depth + 1))  # beats asked for and not passed on
    ask, leave = Signal(bool(0)), Signal(bool(0))
    some, whole = Signal(bool(0)), Signal(bool(0))  # beats are ``left``, enough for a chunk
    least = chunk  # instructions that are a chunk of beats or more
    # Who starts says so late.
    begun = Record(start=start, address=program_address, instructions=instructions).delay(1, reset=("start",))
    given = words.s2m_pipe()  # whether the prompt has room is known late
    wide = config.beat_bits > INSTRUCTION_BITS
    doubled = config.beat_bits < INSTRUCTION_BITS
    if wide:
        least = 2 * chunk - 1
    elif doubled:
        least = chunk // 2

    @always_comb
    def choose():
        if whole:
            amount.next = chunk
        else:
            amount.next = left[len(amount) :]

    @always_comb
    def decide():
        ask.next = some and not source_fetch.valid and not stop and waiting <= depth - chunk
        leave.next = buffered.valid and buffered.ready

    @always_seq(clk.posedge, reset=rst)
    def walk():
        if begun.start:
            address.next = begun.address
            if wide:
                left.next = begun.instructions[32:1] + begun.instructions[0]
            elif doubled:
                left.next = begun.instructions << 1
            else:
                left.next = begun.instructions
            some.next = begun.instructions != 0
            whole.next = begun.instructions >= least
        elif stop:
            left.next = 0
            some.next = False
        elif ask:
            left.next = left - amount
            some.next = left > chunk
            whole.next = left >= 2 * chunk
            address.next = address + amount

    @always_seq(clk.posedge, reset=rst)
    def offer():
        if ask:
            source_fetch.valid.next = True
            source_fetch.address.next = address
            source_fetch.beats.next = amount
        elif source_fetch.ready:
            source_fetch.valid.next = False

    @always_seq(clk.posedge, reset=rst)
    def account():
        if ask and leave:
            waiting.next = waiting + amount - 1
        elif ask:
            waiting.next = waiting + amount
        elif leave:
            waiting.next = waiting - 1

    @always_comb
    def connect():
        beats.valid.next = sink_fetch.valid
        beats.data.next = sink_fetch.data
        sink_fetch.ready.next = beats.ready

    @always_comb
    def give():
        source.valid.next = given.valid
        source.word.next = given.data
        given.ready.next = source.ready

    @always_seq(clk.posedge, reset=rst)
    def observe():
        busy.next = start or begun.start or some or waiting != 0 or given.valid

    fifo(sink=beats, source=buffered, depth=depth)
    width_converter(sink=buffered, source=words)
