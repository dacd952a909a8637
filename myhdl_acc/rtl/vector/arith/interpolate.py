"""A function from a table in ROM with linear interpolation."""

from itertools import pairwise

from myhdl import Signal, always, block, intbv

from myhdl_acc.hdl.record import signed

#: Cycles from a position to the function's value.
LATENCY = 4


@block(latency=LATENCY)
def interpolate(clk, position, value, table, fraction_bits):
    """``value`` = golden.numerics.interpolate(table, position, fraction_bits); a value every cycle, latency 4.

    ``position`` is unsigned; its upper bits are the index. An index behind the table reads the last entry. ``value`` is
    unsigned, wide enough for the table. One ROM of entries and slopes, one multiplier. No back-pressure, no reset:
    validity travels beside.
    """
    entries = tuple(int(entry) for entry in table)
    slopes = (*(after - entry for entry, after in pairwise(entries)), 0)
    # One word for every index: the last entry again, or without it where it only ends the last slope.
    size = 1 << (len(position) - fraction_bits)
    entries = (entries + entries[-1:] * size)[:size]
    slopes = (slopes + (0,) * size)[:size]
    slope_bits = max(max(slopes).bit_length(), (-min(slopes)).bit_length()) + 1
    half = 1 << (fraction_bits - 1)
    index = position(len(position), fraction_bits)
    entry, held_entry, last_entry = (Signal(intbv(0)[len(value) :]) for _ in range(3))
    slope = Signal(signed(slope_bits))
    fraction = Signal(intbv(0)[fraction_bits:])
    product = Signal(intbv(0, min=-(1 << slope_bits + fraction_bits), max=(1 << slope_bits + fraction_bits) - half))
    change = Signal(signed(slope_bits + 2))

    @always(clk.posedge)
    def read():
        entry.next = entries[int(index)]
        slope.next = slopes[int(index)]
        fraction.next = position[fraction_bits:]

    @always(clk.posedge)
    def add():
        product.next = slope * fraction
        held_entry.next = entry
        change.next = (product + half) >> fraction_bits
        last_entry.next = held_entry
        value.next = last_entry + change
