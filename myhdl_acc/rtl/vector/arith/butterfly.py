"""Sums or maxima over columns."""

from myhdl import Signal, always, always_comb, block

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import signed
from myhdl_acc.hdl.wiring import type_of, unused, wire


def latency(lanes):
    """Cycles from values to results: one per stage, none for a single lane."""
    return lanes.bit_length() - 1


@entity(outputs=("results",))
def butterfly(clk, values, results, maximum, first_stage):
    """Stage k joins columns c and c xor 2^k, by their maximum if ``maximum`` is set, else by their sum.

    ``values``, ``results``: Arrays of one signed signal per column, a power of two, all of one width, which must hold
    every sum of a group of joined columns: log2(columns) bits more than a value. Only stages k ≥ ``first_stage`` are
    active, the others pass their values on, so columns that differ in bits below ``first_stage`` alone are not joined:
    0 gives every column the result over all, log2(columns) changes nothing. A vector every cycle, each with its own
    ``maximum`` and ``first_stage``; latency log2(columns), 0 for one column. No back-pressure, no reset: validity
    travels beside.
    """
    lanes = len(values)
    stages = latency(lanes)
    if stages == 0:
        unused(clk, maximum, first_stage)
        return wire(values[0], results[0])
    kind = [maximum] + [Signal(bool(0)) for _ in range(stages - 1)]
    start = [first_stage] + [Signal(type_of(first_stage)) for _ in range(stages - 1)]
    columns = [list(values)]
    for _ in range(stages - 1):
        columns.append([Signal(type_of(values[0])) for _ in range(lanes)])
    columns.append(list(results))
    for k in range(stages):
        active = Signal(bool(0))
        at_least(start=start[k], stage=k, active=active)
        if k < stages - 1:
            hold(maximum=kind[k], first_stage=start[k], next_maximum=kind[k + 1], next_first_stage=start[k + 1])
        for c in range(lanes):
            own, other = columns[k][c], columns[k][c ^ 1 << k]
            join(active=active, maximum=kind[k], own=own, other=other, result=columns[k + 1][c])


@block
def hold(clk, maximum, first_stage, next_maximum, next_first_stage):
    @always(clk.posedge)
    def store():
        next_maximum.next = maximum
        next_first_stage.next = first_stage


@block
def at_least(start, stage, active):
    @always_comb
    def compare():
        active.next = start <= stage


@block
def join(clk, active, maximum, own, other, result):
    width = len(own)
    total = Signal(signed(width + 1))

    @always_comb
    def add():
        total.next = own + other

    @always(clk.posedge)
    def combine():
        if not active or (maximum and own > other):
            result.next = own
        elif maximum:
            result.next = other
        else:
            # What does not fit, beside an invalid word, wraps in every simulator.
            result.next = total[width:].signed()
