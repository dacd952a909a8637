"""Moves what is of a head between the columns and the row: statistics out, queries and scales of mixed values in."""

from myhdl import Signal, always, always_comb, concat, intbv, modbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.rtl.vector.unit import latencies as chain
from myhdl_acc.rtl.vector.unit.flags import SCALES


@entity(outputs=("shift", "entry", "shifted"))
def column_shifts(clk, rst, columns, cycle, now, shift, entry, shifted):
    """The phase COLUMNS (``columns`` high, ``cycle`` from 0 on) has a cycle for every head of the columns: column c is
    of head c mod 2^heads_log2, at most the last.

    With ``now.flags`` ``selects``, ``entry`` (8) is the head's a cycle later, and ``shift.query`` is high when its
    query is made of it; entries lie ``now.stride`` apart. After a softmax statistics shift towards column 0, and
    ``shift.mixed`` is high when a head's scale is made of them. Both go to the columns of head ``shift.head``.
    ``shifted``: the last one has been there.
    """
    query, mixed = chain.QUERY, chain.MIXED
    queries, scales = Signal(intbv(0)[query + 1 :]), Signal(intbv(0)[mixed + 1 :])
    here, beyond, arrived = Signal(modbv(0)[8:]), Signal(intbv(0)[8:]), Signal(modbv(0)[len(shift.head) :])
    statistic, selecting, giving, complete = (Signal(bool(0)) for _ in range(4))

    @always_comb
    def count():
        beyond.next = cycle >> now.heads_log2

    @always_comb
    def end():
        complete.next = beyond != 0

    @always_comb
    def shift_now():
        selecting.next = columns and now.flags.selects and not complete
        statistic.next = columns and now.flags.after == SCALES and not complete

    @always(clk.posedge)
    def move():
        if rst:
            queries.next = 0
            scales.next = 0
        else:
            queries.next = concat(queries[query:], selecting)
            scales.next = concat(scales[mixed:], statistic)

    @always(clk.posedge)
    def walk():
        if not columns or cycle == 0:
            here.next = now.entry
        elif cycle < now.heads:
            here.next = here + now.stride[8:]

    @always_comb
    def give():
        giving.next = queries[query] or scales[mixed - 1]

    @always(clk.posedge)
    def number():
        if not columns:
            arrived.next = 0
        elif giving:
            arrived.next = arrived + 1

    @always_comb
    def show():
        entry.next = here
        shift.query.next = queries[query]
        shift.statistic.next = statistic
        shift.mixed.next = scales[mixed - 1]
        shift.head.next = arrived
        shifted.next = complete and queries == 0 and scales == 0
