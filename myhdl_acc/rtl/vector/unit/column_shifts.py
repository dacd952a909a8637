"""Moves registers through the columns: statistics out, queries and weights' scales in."""

from myhdl import Signal, always, always_comb, concat, intbv, modbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.rtl.vector.unit import latencies as chain
from myhdl_acc.rtl.vector.unit.flags import SCALES


@entity(outputs=("shift", "entry", "shifted"))
def column_shifts(clk, rst, columns, cycle, now, shift, entry, shifted, lanes):
    """In the first ``lanes`` cycles of the phase COLUMNS (``columns`` high, ``cycle`` from 0 on): with ``now.flags``
    ``selects``, ``entry`` (8) is that of column 0's head, then of column 1's, a cycle later, and ``shift.query`` is
    high when its query is made of it; after a softmax the statistics shift out, and ``shift.weight`` is high when a
    column's scales are made of them. ``shifted``: none of these is under way.

    Column c is of head c mod 2^heads_log2, at most the last; heads' entries lie ``now.stride`` apart.
    """
    query, weight = chain.QUERY, chain.WEIGHT
    queries, weights = Signal(intbv(0)[query + 1 :]), Signal(intbv(0)[weight + 1 :])
    place, here = Signal(intbv(0)[8:]), Signal(modbv(0)[8:])
    statistic, selecting = Signal(bool(0)), Signal(bool(0))

    @always_comb
    def shift_now():
        selecting.next = columns and now.flags.selects and cycle < lanes
        statistic.next = columns and now.flags.after == SCALES and cycle < lanes
        place.next = cycle - ((cycle >> now.heads_log2) << now.heads_log2)

    @always(clk.posedge)
    def move():
        if rst:
            queries.next = 0
            weights.next = 0
        else:
            queries.next = concat(queries[query:], selecting)
            weights.next = concat(weights[weight:], statistic)

    @always(clk.posedge)
    def walk():
        if not columns or place == 0:
            here.next = now.entry
        elif place < now.heads:
            here.next = here + now.stride[8:]

    @always_comb
    def show():
        entry.next = here
        shift.query.next = queries[query]
        shift.statistic.next = statistic
        shift.weight.next = weights[weight - 1]
        shifted.next = queries == 0 and weights == 0
