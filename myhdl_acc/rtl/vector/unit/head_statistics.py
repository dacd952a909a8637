"""Writes the heads' scales and sums to the table when they come out of the butterfly."""

from myhdl import Signal, always, always_comb, always_seq, concat, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.rtl.vector.arith.butterfly import latency as butterfly_latency
from myhdl_acc.rtl.vector.unit import latencies as chain

#: Cycles from a head's last value to its statistic's entry into the butterfly.
ENTERS = chain.COUNTED


@entity(outputs=("table", "shown", "pending"))
def head_statistics(clk, rst, start, first_entry, push, flags, table, shown, pending, lanes):
    """``push``: a head's last value has arrived, its statistic enters the butterfly over ``lanes`` columns ENTERS
    cycles later.

    ``table``: ``scales`` is high when the peak's step, the range's step or the norm of squares has been made of it, by
    ``flags``, and ``sum`` when its sum is there; ``written`` counts from ``first_entry`` on. ``shown``: a range's
    ``high``, or a ``total`` of squares, is at the butterfly's end; ``low``: the least goes in. ``pending``: not all is
    written. A head per cycle, a range every other. ``flags`` are the same from the first ``push`` on until nothing is
    ``pending``.
    """
    enters = ENTERS - 1
    butterfly = enters + butterfly_latency(lanes)
    norm = butterfly + chain.HEAD_NORM
    peak, span = butterfly + chain.STEP, 1 + butterfly + chain.RANGE
    longest = max(peak, span)
    line, moved = Signal(intbv(0)[longest + 1 :]), Signal(intbv(0)[longest:])
    scales, sums, on_way, entered = (Signal(bool(0)) for _ in range(4))

    @always_comb
    def move():
        # Nothing goes on beyond the last stage that is looked at.
        if flags.activation:
            moved.next = line[butterfly:]
        elif flags.from_range:
            moved.next = line[longest:]
        else:
            moved.next = line[peak:]

    @always_seq(clk.posedge, reset=rst)
    def step():
        line.next = concat(moved, push)
        # Registers: what phase comes next depends on these, and ``push`` is late.
        on_way.next = moved != 0
        entered.next = push

    @always_comb
    def wait():
        pending.next = on_way or entered

    @always_comb
    def writes():
        # What else reads the table (use_table) leaves the scales in it alone.
        if flags.from_squares:
            scales.next = line[norm]
        elif flags.from_range:
            scales.next = line[span]
        else:
            scales.next = line[peak] and not flags.use_table
        sums.next = flags.track_total and flags.activation and line[butterfly]

    @always(clk.posedge)
    def count():
        if start:
            table.written.next = first_entry
        elif scales or sums:
            table.written.next = table.written + 1

    @always_comb
    def show():
        table.scales.next = scales
        table.sum.next = sums
        shown.high.next = flags.from_range and line[butterfly]
        shown.total.next = flags.from_squares and line[butterfly]
        shown.low.next = flags.from_range and line[enters]
