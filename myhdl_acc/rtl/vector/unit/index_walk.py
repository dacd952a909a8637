"""Issues the indices of an instruction."""

from myhdl import Signal, always, always_comb, intbv, modbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record
from myhdl_acc.rtl.vector.unit.flags import LARGEST, PEAK, TOKEN, TOKENS
from myhdl_acc.rtl.vector.unit.records import HEAD_BITS


@entity(outputs=("index",))
def index_walk(clk, start, run, now, room, sink_result, index, config):
    """``index`` (see records) of the instruction ``now``, from 0 on, one in each cycle of ``run`` after ``start``. Its
    ``token`` counts from ``now.value_src`` on where tokens count, a whole number of slices of weights; for scores from
    ``now.dst`` − ``now.src``.

    It waits for a word of ``sink_result`` (no payload) if the instruction takes results, for ``room`` where slices of
    weights or beats of logits could fill it, and with ``flags.slow`` every other cycle. Latency 0 from run and the
    result to the index. ``block_end`` means nothing without ``run`` or with ``none_left``.
    """
    flags = now.flags
    lanes_log2 = (config.lanes - 1).bit_length()
    block_bits = (16 * config.atoms - 1).bit_length()
    half_group = 16 * config.atoms
    remaining, address, token = (Signal(intbv(0)[16:]) for _ in range(3))
    in_head, last_in_head = Signal(intbv(0)[HEAD_BITS:]), Signal(modbv(0)[HEAD_BITS:])
    entry = Signal(intbv(0)[8:])
    odd, untouched, fits, go, issue, none_left, ends_block, ends_now = (Signal(bool(0)) for _ in range(8))
    in_pair, fills = token(block_bits + 1, 0), Record(weights=1, logits=1)

    @always(clk.posedge)
    def note():  # an instruction is there for longer
        fills.weights.next = flags.push_byte and not flags.step
        fills.logits.next = flags.after == TOKEN

    @always_comb
    def look():
        if fills.weights:
            # Only where a second half begins: what the first slices gave has long been taken into account.
            fits.next = room.weights or in_pair != half_group
        elif fills.logits:
            fits.next = room.logits
        else:
            fits.next = True

    @always_comb
    def may_go():
        go.next = run and not none_left and fits and not (flags.slow and odd)

    @always_comb
    def begin_index():
        issue.next = go and (sink_result.valid or not flags.result)
        sink_result.ready.next = go and flags.result

    @always(clk.posedge)
    def walk():
        odd.next = issue
        if start:
            remaining.next = now.count
            address.next = now.src
            if flags.after == LARGEST:
                token.next = now.dst - now.src
            elif flags.alive_mode == TOKENS:
                token.next = now.value_src
            else:
                token.next = 0
            untouched.next = True
            none_left.next = now.count == 0
            ends_block.next = False
        elif issue:
            remaining.next = remaining - 1
            address.next = address + 1
            token.next = token + 1
            untouched.next = False
            # Registers, as the next phase depends on these.
            none_left.next = remaining == 1
            ends_block.next = flags.push_byte and flags.step and token[5:] == 30

    @always(clk.posedge)
    def heads():
        if start:
            in_head.next = 0
            last_in_head.next = (now.dims >> lanes_log2) - 1
            entry.next = now.entry
        elif issue:
            if in_head == last_in_head:
                in_head.next = 0
                if flags.use_table:
                    entry.next = entry + 1
            else:
                in_head.next = in_head + 1

    @always_comb
    def show():
        index.issue.next = issue
        index.address.next = address
        index.token.next = token
        index.in_head.next = in_head
        index.entry.next = entry
        index.end.next = flags.segmented and in_head == last_in_head
        if flags.segmented:
            index.fresh.next = in_head == 0
        else:
            # A peak is joined over columns after every pass: others come between its passes.
            index.fresh.next = untouched and (now.first or flags.after == PEAK)
        index.none_left.next = none_left

    ended(last=ends_now, result=flags.result, valid=sink_result.valid, ends=index.block_end)

    @always_comb
    def end_block():
        # Without run, which comes of the phase that depends on it. What gathers fills no slices.
        ends_now.next = ends_block and (room.logits or not fills.logits) and not (flags.slow and odd)


@entity(outputs=("ends",))
def ended(last, result, valid, ends):
    """The ``last`` index of a block is issued, with a ``valid`` result if it takes a ``result``, which is known late.
    Latency 0; an entity, so that synthesis makes it no deeper than it is."""

    @always_comb
    def judge():
        ends.next = last and (valid or not result)
