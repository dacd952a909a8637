"""Holds the resident program and gives its words in order."""

from myhdl import ResetSignal, Signal, always, always_comb, always_seq, intbv, modbv

from myhdl_acc.hdl.circuit import domain
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.counter import up_down
from myhdl_acc.hdl.ram import ram
from myhdl_acc.hdl.record import Record
from myhdl_acc.hdl.stream import Stream
from myhdl_acc.hdl.stream.fifo import ram_asynchronous_read, ring_pointer
from myhdl_acc.hdl.wiring import choose, matching_fields, register, type_of, unused
from myhdl_acc.rtl.control.instruction_check import instruction_check
from myhdl_acc.rtl.control.isa import COMMON, INSTRUCTION_BITS, UNITS

#: Cycles from ``jump`` to the word of its target: the address, the memory, its output register, the check, the queue.
LATENCY = 5
_JUDGEMENT = dict(unit=1, control=1, over=1)
_UNIT_END, _UNIT = sum(COMMON["unit"]), COMMON["unit"][0]
_CONTROL = UNITS.index("control")
_DEPTH = 5  #: of the queue: words on the way and words that wait


def given_word():
    """The next ``word`` of the program, if it is ``there``: for a ``unit``, or for ``control``. Neither is high if it
    is no instruction, or ``over`` the end of the program or of what is kept."""
    return Record(there=1, word=INSTRUCTION_BITS, **_JUDGEMENT)


@entity(outputs=("full", "given"))
def program_store(clk, rst, sink, clear, length, full, jump, target, take, given, config):
    """Keep the first ``length`` (32) words of ``sink`` (Stream(word=256)) after ``clear``, up to program_depth.

    Then it is ``full``, and further words are thrown away: ``sink`` is always ready.

    LATENCY cycles after a pulse of ``jump`` the word at ``target`` (16) is ``given`` (given_word), then those behind.
    It is ``there`` until ``take`` is high, and the next one in the cycle after. ``jump`` withdraws it, which no
    stream does. What lies behind the program's end is anything.
    """
    depth_bits = max(1, (config.program_depth - 1).bit_length())
    flush = ResetSignal(0, active=1, isasync=False)
    count = Signal(intbv(0)[32:])
    write, read, illegal = (Signal(bool(0)) for _ in range(3))
    write_address, read_address = (Signal(modbv(0)[depth_bits:]) for _ in range(2))
    place = Signal(modbv(0)[len(target) :])  # of the word that is read
    early = Signal(intbv(0)[INSTRUCTION_BITS:])
    asked, checked = Record(valid=1, over=1), Record(valid=1, over=1, word=INSTRUCTION_BITS)
    words, source = (Stream(word=INSTRUCTION_BITS, **_JUDGEMENT) for _ in range(2))
    room = Signal(intbv(_DEPTH, min=0, max=_DEPTH + 1))  # of the queue for words that were not asked for
    ram(
        write=write,
        write_address=write_address,
        data=sink.word,
        read=read,
        read_address=read_address,
        word=early,
        depth=1 << depth_bits,
    )

    @always_comb
    def places():
        write_address.next = count[depth_bits:]
        read_address.next = place[depth_bits:]
        write.next = sink.valid and count < length and count < config.program_depth
        full.next = count >= length or count >= config.program_depth
        sink.ready.next = True

    @always_seq(clk.posedge, reset=rst)
    def fill():
        if clear:
            count.next = 0
        elif sink.valid and count < length and count < config.program_depth:
            count.next = count + 1

    @always_comb
    def again():
        flush.next = rst or jump
        read.next = room != 0

    @always_seq(clk.posedge, reset=rst)
    def walk():
        if jump:
            place.next = target
        elif read:
            place.next = place + 1

    instruction_check(word=checked.word, illegal=illegal)
    unused(words.ready)  # there is room for what was asked for
    with domain(rst=flush):
        head_queue(sink=words, source=source, depth=_DEPTH)

    @always_comb
    def give():
        given.there.next = source.valid
        given.word.next = source.word
        given.unit.next = source.unit
        given.control.next = source.control
        given.over.next = source.over
        source.ready.next = take

    @always_seq(clk.posedge, reset=flush)
    def arrive():
        asked.valid.next = read
        checked.valid.next = asked.valid
        words.valid.next = checked.valid

    @always(clk.posedge)
    def keep():
        asked.over.next = place >= length or place >= config.program_depth
        checked.over.next = asked.over
        checked.word.next = early

    @always(clk.posedge)
    def judge():
        words.word.next = checked.word
        words.over.next = checked.over
        words.unit.next = checked.word[_UNIT_END:_UNIT] != _CONTROL and not illegal and not checked.over
        words.control.next = checked.word[_UNIT_END:_UNIT] == _CONTROL and not illegal and not checked.over

    @always_seq(clk.posedge, reset=flush)
    def account():
        if read and not (source.valid and source.ready):
            room.next = room - 1
        elif not read and source.valid and source.ready:
            room.next = room + 1


@entity
def head_queue(clk, rst, sink, source, depth):
    """A queue whose first word lies in a register, as there is much logic behind it. ``sink`` must not come while there
    are ``depth`` words. Latency 1, a word per cycle."""
    places = depth - 1  # behind the first
    full, load, some, passed = (Signal(bool(0)) for _ in range(4))
    level = Signal(intbv(0, min=0, max=places + 1))
    write_address, read_address = (Signal(intbv(0, min=0, max=places)) for _ in range(2))
    # Every word passes the memory, even if it goes on at once: only who reads depends on ``source.ready``, known late.
    up_down(up=sink.valid, down=passed, count=level)
    ring_pointer(advance=sink.valid, pointer=write_address, depth=places)
    ring_pointer(advance=passed, pointer=read_address, depth=places)

    @always_comb
    def state():
        some.next = level != 0
        load.next = source.ready or not full

    @always_comb
    def handshake():
        sink.ready.next = level != places
        source.valid.next = full
        passed.next = (sink.valid or some) and (source.ready or not full)

    @always_seq(clk.posedge, reset=rst)
    def occupy():
        if load:
            full.next = sink.valid or some

    for d, q in matching_fields(sink, source):
        waiting, chosen = Signal(type_of(d)), Signal(type_of(d))
        ram_asynchronous_read(
            write=sink.valid, write_address=write_address, read_address=read_address, d=d, q=waiting, depth=places
        )
        choose(some, waiting, d, chosen)
        register(clk, load, chosen, q)
