"""Follows the indices that are on their way through the columns."""

from myhdl import Signal, always, always_comb, concat, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.counter import up_down
from myhdl_acc.rtl.vector.unit.instructions import LONGEST


@entity(outputs=("arrival",))
def arrivals(clk, rst, clear, start, now, index, arrival, config):
    """``arrival`` (see records): an ``index`` (issue, fresh, end) of ``now.latency`` cycles ago, 1 to LONGEST; none
    if that is 0.

    Its ``destination`` counts from ``now.dst`` on, its token from 0, since ``start``. ``clear`` forgets what has
    arrived: it must not arrive again at a later latency. One index per cycle; ``none`` two cycles after the last.
    """
    lanes_log2 = (config.lanes - 1).bit_length()
    block_bits = (16 * config.atoms - 1).bit_length()
    issued, fresh, ends = (Signal(intbv(0)[LONGEST:]) for _ in range(3))
    issues, begins, finishes = (Signal(intbv(0)[LONGEST + 1 :]) for _ in range(3))
    commit, landed, settled = (Signal(bool(0)) for _ in range(3))
    flying, token, destination = Signal(intbv(0)[7:]), Signal(intbv(0)[16:]), Signal(intbv(0)[16:])
    wide_block, slot_block, spread = Signal(intbv(0)[32:]), Signal(intbv(0)[32:]), Signal(intbv(0)[4:])
    up_down(up=index.issue, down=commit, count=flying)

    @always_comb
    def of_latency():
        issues.next = concat(issued, intbv(0)[1:])
        begins.next = concat(fresh, intbv(0)[1:])
        finishes.next = concat(ends, intbv(0)[1:])

    @always(clk.posedge)
    def move():
        if rst or clear:
            issued.next = 0
        else:
            issued.next = concat(issued[LONGEST - 1 :], index.issue)
        fresh.next = concat(fresh[LONGEST - 1 :], index.fresh)
        ends.next = concat(ends[LONGEST - 1 :], index.end)

    @always_comb
    def arrive():
        commit.next = issues[now.latency]

    @always(clk.posedge)
    def count():
        if start:
            destination.next = now.dst
            token.next = 0
        elif commit:
            destination.next = destination + 1
            token.next = token + 1

    @always(clk.posedge)
    def settle():
        # That none is flying is counted beforehand: what follows an instruction depends on it.
        landed.next = rst or (not index.issue and (flying == 0 or (flying == 1 and commit)))
        settled.next = landed

    @always_comb
    def block_of_token():
        wide_block.next = token >> block_bits
        spread.next = lanes_log2 - now.heads_log2

    @always_comb
    def spread_blocks():
        slot_block.next = wide_block << spread

    @always_comb
    def show():
        arrival.commit.next = commit
        arrival.fresh.next = begins[now.latency]
        arrival.end.next = finishes[now.latency]
        arrival.slot.next = (slot_block << block_bits) + token[block_bits:]
        arrival.destination.next = destination
        arrival.last.next = flying == 1
        arrival.none.next = settled and landed
