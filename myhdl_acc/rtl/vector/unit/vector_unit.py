"""The vector unit: everything between the engine's products."""

from myhdl import Signal, always_comb, block, concat, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Array, Record, bits, signed, view
from myhdl_acc.hdl.wiring import constant, unused, vector, wire
from myhdl_acc.rtl.vector.arith.argmax import candidate
from myhdl_acc.rtl.vector.unit import records
from myhdl_acc.rtl.vector.unit.draw_control import draw_control
from myhdl_acc.rtl.vector.unit.lane_logits import lane_logits
from myhdl_acc.rtl.vector.unit.row import row
from myhdl_acc.rtl.vector.unit.row_peaks import row_peaks
from myhdl_acc.rtl.vector.unit.token_search import token_search
from myhdl_acc.rtl.vector.unit.vector_control import vector_control
from myhdl_acc.rtl.vector.unit.weights_packer import weights_packer


@entity(outputs=("activation", "entry_word", "said"))
def vector_unit(
    clk,
    rst,
    sink_op,
    sink_result,
    source_weights,
    source_logits,
    activation,
    entry,
    entry_word,
    said,
    sampling,
    config,
):
    """``rows`` × ``lanes`` columns that execute the instructions of ``sink_op`` (Stream(word=256), vector's of isa.py).

    ``sink_result``: the engine's result_stream. ``source_weights``: an Array of the lanes' slices of weights
    (Stream(data=256·rows)); ``source_logits``: an Array of beats to memory (Stream(address=32, data=beat_bits)).
    ``activation.write`` stores ``activation.data`` (lane l's int8 of row r in byte l·rows + r) as group
    ``activation.index`` of the activation buffer. ``entry`` → ``entry_word`` (rows · 32), see head_table: the
    parameter word of a head's key or value. ``said``: see records, and ``said.token`` (rows · 32): per row the number
    of the largest logit, with noise as ``sampling`` (see records) says. docs/vector.md has the cycles of every
    instruction.
    """
    lanes, rows = config.lanes, config.rows
    control, row_control = records.column_control(config), records.row_control(config)
    draw, room_to_draw = records.draw(config), Signal(bool(0))
    orders, levels_go = records.lane_orders(), records.activation_write()
    room, ready = records.lane_readiness(), records.lane_readiness()
    room.delay(1) >> ready  # what all lanes say is known late in a cycle
    vector_control(
        sink_op=sink_op,
        sink_result=sink_result.translate_with(Record()),
        lanes_ready=ready,
        draws=draw.enabled,
        control=control,
        row_control=row_control,
        orders=orders,
        activation=levels_go,
        said=said.only("post", "idle", "busy_op"),
        config=config,
    )
    unused(sink_result.last)

    given = [row_given(config) for _ in range(rows)]
    words = vector_of_rows(256, config)
    peaks, shared_peak, entry_words = vector_of_rows(32, config), Signal(intbv(0)[32:]), vector_of_rows(32, config)
    groups = vector_of_rows(8 * lanes, config)
    for r in range(rows):
        number = Signal(intbv(0)[4:])
        constant(q=number, number=r)
        row(
            number=number,
            control=control,
            row_control=row_control,
            shared=Record(drained=levels_go.shared, row=levels_go.row, peak=shared_peak),
            results=row_results(sink_result, r, config),
            other_entry=entry,
            given=given[r],
            word=words[r],
            peak=peaks[r],
            entry_word=entry_words[r],
            config=config,
        )
        levels = [one.level for one in given[r]]
        level_group(levels=levels, word=words[r], words=vector(words), choice=levels_go, levels_now=groups[r])
    row_peaks(peaks=Array("row", peaks), largest=shared_peak)
    wire(vector([bits(one, 8 * lane, 8) for lane in range(lanes) for one in groups]), activation.data)
    wire(vector(entry_words), entry_word)
    levels_go.only("write", "index") >> activation.only("write", "index")

    bests = [Array("row", [candidate() for _ in range(rows)]) for _ in range(lanes)]
    lane_flags = [records.lane_readiness() for _ in range(lanes)]
    for lane, flags in enumerate(lane_flags):
        place = Signal(intbv(0)[6:])
        constant(q=place, number=lane)
        weights_packer(
            push=orders.push_half,
            halves=Array("row", [one[lane].top for one in given]),
            source=source_weights[lane],
            room=flags.room_for_weights,
            config=config,
        )
        lane_logits(
            logits=orders.logits,
            draw=draw,
            place=place,
            values=Array("row", [one[lane].value for one in given]),
            source=source_logits[lane],
            room=flags.room_for_logits,
            bests=bests[lane],
            config=config,
        )
    draw_control(
        logits=orders.logits.only("commit", "clear", "index", "partial", "heads"),
        done=orders.keep_token,
        sampling=sampling,
        draw=draw,
        room=room_to_draw,
        config=config,
    )
    all_high([flags.room_for_weights for flags in lane_flags], room.room_for_weights)
    all_high([room_to_draw, *(flags.room_for_logits for flags in lane_flags)], room.room_for_logits)
    token_search(keep=orders.keep_token, bests=Array("lane", bests), token=said.token, config=config)


def vector_of_rows(width, config):
    """A Signal for each row."""
    return [Signal(intbv(0)[width:]) for _ in range(config.rows)]


def row_given(config):
    """What leaves the columns of a row."""
    return Array("lane", [records.from_column() for _ in range(config.lanes)])


def row_results(stream, row, config):
    """The lanes' results of a row, from a result_stream."""
    width = config.acc_bits
    results = []
    for lane in range(config.lanes):
        place = {"sum": ((lane * config.rows + row) * width, width)}
        total = view(stream.data, place, like=Record(sum=signed(width)))
        results.append(Record(sum=total.sum, parameter=bits(stream.parameter, 32 * lane, 32)))
    return Array("lane", results)


@block
def all_high(flags, q):
    """``q`` is high while all ``flags`` are."""
    # A single flag twice: the bit that vector() would put above it is never set.
    together = vector(flags * max(1, 2 // len(flags)))
    missing = Signal(intbv(0)[len(together) :])

    @always_comb
    def invert():
        missing.next = ~together

    @always_comb
    def judge():
        q.next = missing == 0


@block
def level_group(levels, word, words, choice, levels_now):
    """The columns' levels, or ``choice.chunk`` of as many of the 32 in the row's ``word``, or with ``choice.shared`` in
    that of row ``choice.row`` in ``words``."""
    width = len(levels_now)
    shifted, wide_chunk = Signal(intbv(0)[256:]), Signal(intbv(0)[9:])
    others, chosen = Signal(intbv(0)[len(words) :]), Signal(intbv(0)[256:])
    together = vector([bits(level, 0, 8) for level in levels])

    @always_comb
    def widen():
        wide_chunk.next = choice.chunk

    @always_comb
    def of_row():
        others.next = words >> concat(choice.row, intbv(0)[8:])

    @always_comb
    def choose_row():
        if choice.shared:
            chosen.next = others[256:]
        else:
            chosen.next = word

    @always_comb
    def shift():
        shifted.next = chosen >> (wide_chunk * width)

    @always_comb
    def select():
        if choice.gather:
            levels_now.next = shifted[width:]
        else:
            levels_now.next = together
