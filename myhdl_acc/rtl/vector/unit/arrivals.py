"""Follows the indices that are on their way through the columns."""

from myhdl import Signal, always, always_comb, concat, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.counter import up_down
from myhdl_acc.rtl.vector.unit.instructions import LONGEST


@entity(outputs=("arrival",))
def arrivals(clk, rst, clear, start, now, index, arrival):
    """``arrival`` (see records): an ``index`` (issue, fresh, end) of ``now.latency`` + 1 cycles ago, up to LONGEST + 1.

    Its ``destination`` counts from ``now.dst`` on, which is taken with ``start``. ``clear`` forgets what has arrived:
    it must not arrive again at a later latency. One index per cycle.
    """
    issued, fresh, ends = (Signal(intbv(0)[LONGEST + 1 :]) for _ in range(3))
    destination = Signal(intbv(0)[16:])
    commit, flying = Signal(bool(0)), Signal(intbv(0)[7:])
    up_down(up=index.issue, down=commit, count=flying)

    @always(clk.posedge)
    def move():
        if rst or clear:
            issued.next = 0
        else:
            issued.next = concat(issued[LONGEST:], index.issue)
        fresh.next = concat(fresh[LONGEST:], index.fresh)
        ends.next = concat(ends[LONGEST:], index.end)

    @always(clk.posedge)
    def count():
        if start:
            destination.next = now.dst
        elif commit:
            destination.next = destination + 1

    @always_comb
    def arrive():
        commit.next = issued[now.latency]

    @always_comb
    def show():
        arrival.commit.next = commit
        arrival.fresh.next = fresh[now.latency]
        arrival.end.next = ends[now.latency]
        arrival.destination.next = destination
        arrival.none.next = flying == 0
        arrival.last.next = flying == 1
