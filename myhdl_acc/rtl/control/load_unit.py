"""Sends slices, queries, and new keys and values from the activation buffer to the engine."""

from myhdl import Signal, always, always_comb, always_seq, block, intbv, modbv

from golden.units.load_unit import NEW_KEY, NEW_VALUE, SLICE
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record, bits, view
from myhdl_acc.hdl.wiring import choose_of, unused, vector, wire
from myhdl_acc.rtl.control.activation_buffer import word_address_bits
from myhdl_acc.rtl.control.isa import COMMON, EXECUTED, OPS

LATENCY = 4  #: cycles from an instruction to its first word: its registers, the buffer's two, the spreading

_SLICE, _QUERY, _KEY, _VALUE = range(len(OPS["load"]))
_PLACES = {"op": COMMON["op"], **EXECUTED["load"]}


@entity(outputs=("take", "look", "idle"))
def load_unit(clk, rst, sink, source, available, take, look, found, idle, config):
    """Execute load instructions (docs/instructions.md), a word of ``source`` per cycle, also across instructions.

    sink: Stream(word=256); source: the engine's load_stream. An instruction with ``wait`` begins when ``available`` is
    high and pulses ``take``. ``look`` (buffer_look): ``read``, ``address`` and ``advance`` of activation_buffer, which
    has ``found.word``, and ``entry`` of the vector unit's table, whose ``found.parameters``, 32 bits per row, come at
    most ``atoms`` cycles later. ``idle``: nothing is held.

    Lane l's head is e = min(l mod P, heads − 1), at word ``address`` + e·``stride``, its parameter in ``entry`` + e.
    Lanes l + P, l + 2P, … have the same head: its words are sent once for all of them. Row 0 gets what belongs to row
    ``row``, which is 0 but for keys and values. ``dims`` is a multiple of 32, at most 16·atoms; a slice has at least
    one word, ``heads`` is at least 1. The first word comes LATENCY cycles after the instruction; ``source`` may stall.
    """
    atoms, lanes = config.atoms, config.lanes
    half_beat = atoms // 2
    busy, start, finish, issue = (Signal(bool(0)) for _ in range(4))
    new = view(sink.word, _PLACES)
    unused(sink.word)
    now = Record(  # the instruction that is executed
        op=2, words=16, valid=16, stride=16, heads=8, row=4, atoms_used=12, final_lane=6, twice=1
    )
    at = Record(
        index=modbv(0)[16:],
        step=atoms.bit_length(),
        final_step=1,
        final_word=1,
        lane=6,
        head=intbv(0, min=0, max=255),
        base=modbv(0)[16:],
        entry=modbv(0)[16:],
    )
    word = Record(offered=1, atom=atoms.bit_length(), is_slice=1, is_param=1, empty=1, end_lane=1, end_all=1)
    place = Signal(modbv(0)[16:])
    load_position(start=start, issue=issue, new=new, now=now, at=at, word=word, atoms=atoms, lanes=lanes)
    advance, emitting = Signal(bool(0)), Signal(bool(0))
    load_output(
        advance=advance,
        now=now,
        at=at,
        word=word,
        found=found,
        look=look,
        source=source,
        emitting=emitting,
    )

    @always_comb
    def flow():
        issue.next = busy and advance
        word.offered.next = busy

    @always_comb
    def accept():
        start.next = sink.valid and (finish or not busy) and (available or not new.wait)
        sink.ready.next = (finish or not busy) and (available or not new.wait)
        take.next = sink.valid and (finish or not busy) and available and new.wait

    @always_comb
    def position():
        word.is_slice.next = now.op == _SLICE
        word.is_param.next = at.step == atoms
        if now.twice and at.step >= half_beat:
            word.atom.next = at.step - half_beat
        else:
            word.atom.next = at.step

    @always_comb
    def limits():
        if word.is_slice:
            word.empty.next = at.index >= now.valid
            word.end_lane.next = True
            word.end_all.next = at.final_word
        else:
            word.empty.next = not word.is_param and word.atom >= now.atoms_used
            word.end_lane.next = at.final_step
            word.end_all.next = at.lane == now.final_lane and at.final_step
        finish.next = issue and word.end_all

    @always_comb
    def locate():
        if word.is_slice:
            place.next = at.base + at.index
        else:
            place.next = at.base + (word.atom >> 1)

    @always_comb
    def buffer_port():
        look.read.next = issue and not word.empty and not word.is_param
        look.address.next = place[len(look.address) :]

    @always_seq(clk.posedge, reset=rst)
    def occupy():
        if start:
            busy.next = True
        elif finish:
            busy.next = False

    @always_comb
    def show():
        idle.next = not busy and not emitting


@block
def load_position(clk, start, issue, new, now, at, word, atoms, lanes):
    """The registers of an instruction: with ``start`` ``now`` takes the fields of ``new``, and ``at`` its first word;
    with ``issue`` ``at`` goes on to the next one, of the next lane if ``word.end_lane``.
    ``at.final_step``, a register as much depends on it: the lane's last word is at hand, the last atom of a query, the
    parameter of a key or value. It is of no slice; of one ``at.final_word`` is the same.
    """
    half_beat, before_query_ends, before_end = atoms // 2, atoms - 2, atoms - 1
    after = Record(base=modbv(0)[16:], entry=modbv(0)[16:])  # the lane's after this one
    before_final = Signal(modbv(0)[16:])
    final_lanes = tuple(min(1 << log2, lanes) - 1 for log2 in range(16))  # by log2 P

    @always_comb
    def next_head():
        if at.head + 1 < now.heads:
            after.base.next = at.base + now.stride
            after.entry.next = at.entry + 1
        else:
            after.base.next = at.base
            after.entry.next = at.entry

    @always_comb
    def count():
        before_final.next = now.words - 2

    @always(clk.posedge)
    def take_instruction():
        if start:
            now.op.next = new.op[2:]
            now.words.next = new.words
            now.valid.next = new.valid
            now.stride.next = new.stride
            now.atoms_used.next = new.dims[:4]
            now.heads.next = new.heads
            now.row.next = new.row
            now.twice.next = new.op == _QUERY and new.dims[:4] <= half_beat

    @always(clk.posedge)
    def period():
        if start:
            now.final_lane.next = final_lanes[int(new.heads_log2)]

    @always(clk.posedge)
    def walk():
        if start:
            at.base.next = new.address
            at.entry.next = new.entry
            at.index.next = 0
            at.lane.next = 0
            at.head.next = 0
            at.step.next = 0
            at.final_step.next = False
            at.final_word.next = new.words == 1
        elif issue:
            at.index.next = at.index + 1
            at.final_word.next = at.index == before_final
            if word.end_lane:
                at.step.next = 0
                at.final_step.next = False
                at.lane.next = at.lane + 1
                at.base.next = after.base
                at.entry.next = after.entry
                if at.head + 1 < now.heads:
                    at.head.next = at.head + 1
            else:
                at.step.next = at.step + 1
                if now.op == _QUERY:
                    at.final_step.next = at.step == before_query_ends
                else:
                    at.final_step.next = at.step == before_end


@block
def load_output(clk, rst, advance, now, at, word, found, look, source, emitting):
    """The words on their way to ``source``: stage 1 has what the buffer fetches and the table's parameters, stage 2 has
    both in registers, stage 3 is ``source``; all move with ``advance``. ``emitting``: one is on its way.
    """
    rows = len(found.word) // 256
    fetched, shown = (
        Record(
            valid=1,
            empty=1,
            upper=1,
            spread=1,
            parameter=1,
            row=4,
            lane=len(source.lane),
            again=len(source.again),
            broadcast=1,
            kind=2,
        )
        for _ in range(2)
    )
    parameters = Signal(intbv(0)[len(found.parameters) :])
    held = Signal(bool(0))

    @always_comb
    def flow():
        advance.next = source.ready or not held
        source.valid.next = held
        look.advance.next = source.ready or not held
        emitting.next = fetched.valid or shown.valid or held

    @always_seq(clk.posedge, reset=rst)
    def occupy():
        if advance:
            fetched.valid.next = word.offered
            shown.valid.next = fetched.valid
            held.next = shown.valid

    @always(clk.posedge)
    def read():
        if advance:
            fetched.empty.next = word.empty
            fetched.upper.next = word.atom[0]
            fetched.spread.next = not word.is_slice
            fetched.row.next = now.row
            fetched.parameter.next = word.is_param and not word.is_slice
            if word.is_slice:
                fetched.lane.next = 0
                fetched.again.next = 0
                fetched.broadcast.next = True
            else:
                fetched.lane.next = at.lane[len(fetched.lane) :]
                fetched.again.next = now.final_lane[len(fetched.again) :]
                fetched.broadcast.next = now.final_lane == 0
            if now.op == _KEY:
                fetched.kind.next = NEW_KEY
            elif now.op == _VALUE:
                fetched.kind.next = NEW_VALUE
            else:
                fetched.kind.next = SLICE
            look.entry.next = at.entry

    @always(clk.posedge)
    def show():
        if advance:
            shown.empty.next = fetched.empty
            shown.upper.next = fetched.upper
            shown.spread.next = fetched.spread
            shown.row.next = fetched.row
            shown.parameter.next = fetched.parameter
            shown.lane.next = fetched.lane
            shown.again.next = fetched.again
            shown.broadcast.next = fetched.broadcast
            shown.kind.next = fetched.kind
            parameters.next = found.parameters

    @always(clk.posedge)
    def output():
        if advance:
            source.lane.next = shown.lane
            source.again.next = shown.again
            source.broadcast.next = shown.broadcast
            source.kind.next = shown.kind

    data = [Signal(intbv(0)[256:]) for _ in range(rows)]
    words, table_words = ([bits(all_rows, width * r, width) for r in range(rows)] for all_rows, width in (
        (found.word, 256), (parameters, 32),
    ))  # fmt: skip
    words[0], table_words[0] = of_row(shown.row, words), of_row(shown.row, table_words)
    for r in range(rows):
        row_data(
            output=Record(held=held, ready=source.ready), word=words[r], table_word=table_words[r],
            shown=shown.only("empty", "upper", "spread", "parameter"), data=data[r],
        )  # fmt: skip
    wire(vector(data), source.data)


def of_row(row, values):
    """The one of a row."""
    chosen = Signal(intbv(0)[len(values[0]) :])
    choose_of(code=row, values=values, q=chosen)
    return chosen


def buffer_look(config):
    """Where the load unit looks: a word of activation_buffer, an entry of the table."""
    return Record(read=1, address=word_address_bits(config), advance=1, entry=16)


def buffer_found(config):
    """What it finds there."""
    return Record(word=256 * config.rows, parameters=32 * config.rows)


@entity(outputs=("data",))
def row_data(clk, output, word, table_word, shown, data):
    """One row's bits of a word: the buffer's, half of them spread, the table's, or zeros; kept while ``output.held``
    and not ``ready``. An entity, so that what moves all these bits is not what moves the stages before."""
    half = Signal(intbv(0)[128:])
    # Elements 2g and 2g + 1 of the half go to bytes 4g and 4g + 1.
    parts = []
    for group in range(8):
        parts += [half(16 * group + 16, 16 * group), intbv(0)[16:]]
    spread_half = vector(parts)

    @always_comb
    def choose():
        if shown.upper:
            half.next = word[256:128]
        else:
            half.next = word[128:]

    @always(clk.posedge)
    def register():
        if output.ready or not output.held:
            if shown.empty:
                data.next = 0
            elif shown.parameter:
                data.next = table_word
            elif shown.spread:
                data.next = spread_half
            else:
                data.next = word
