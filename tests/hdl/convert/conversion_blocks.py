"""Blocks for the conversion tests: correct ones, and for every check a minimal one that must be refused."""

from myhdl import ConcatSignal, Signal, always, always_comb, always_seq, block, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.delay import delay
from myhdl_acc.hdl.stream.stream import signed


class Pair:
    """Two words as one argument."""

    def __init__(self):
        self.low = Signal(intbv(0)[8:])
        self.high = Signal(intbv(0)[8:])


@block
def copy(a, q):
    @always_comb
    def assign():
        q.next = a

    return assign


@entity(outputs=("q",))
def doubler(clk, rst, d, q):
    """q = 2·d, ⌈one⌉ cycle later — the comment of the file."""

    @always_seq(clk.posedge, reset=rst)
    def register():
        q.next = d << 1

    return register


@entity(outputs=("q",))
def late_or_one(clk, d, q):
    """q = d of 13 cycles ago, or 1 instead of 0: GHDL's netlist has one register for the delay, and a string for 1."""
    late = Signal(intbv(0)[len(d) :])
    line = delay(clk, d, late, 12)

    @always(clk.posedge)
    def choose():
        if late == 0:
            q.next = 1
        else:
            q.next = late

    return line, choose


@entity(outputs=("q",))
def scaler(clk, rst, d, q, factor):
    @always_seq(clk.posedge, reset=rst)
    def register():
        q.next = d * factor

    return register


@entity(outputs=("narrow", "wide"))
def two_widths(clk, rst, d, narrow, wide, e):
    """Three doublers, two of them alike, within plain blocks."""
    middle = Signal(intbv(0)[9:])
    return (
        wrapped(clk, rst, d, middle),
        doubler(clk, rst, middle, narrow),
        wrapped(clk, rst, e, wide),
    )


@block
def wrapped(clk, rst, d, q):
    return doubler(clk, rst, d, q)


@entity(outputs=("q",))
def sliced_member(d, q):
    return merge(d.low(8, 4), d.high, q)


@block
def merge(a, b, q):
    @always_comb
    def assign():
        q.next = a ^ b

    return assign


@entity(outputs=("q",))
def nested_concatenation(a, q):
    inner = ConcatSignal(a, a)
    outer = ConcatSignal(inner, a)
    return copy(outer, q)


@entity(outputs=("q",))
def signed_concatenation(a, q):
    both = ConcatSignal(a, a)
    return copy(both, q)


@entity(outputs=("q",))
def undriven(a, q):
    zero = Signal(signed(4))

    @always_comb
    def multiply():
        q.next = a * zero

    return multiply


@entity(outputs=("q",))
def signed_division(a, q):
    @always_comb
    def divide():
        q.next = a // 4

    return divide


@entity(outputs=("q",))
def signed_remainder(a, q):
    @always_comb
    def divide():
        q.next = a % 4

    return divide


@entity(outputs=("q",))
def cut_literal(a, q):
    @always_comb
    def combine():
        q.next = 0xF0 | a

    return combine


@entity(outputs=("q",))
def cut_factor(a, q):
    @always_comb
    def multiply():
        q.next = 8 * a

    return multiply


@entity(outputs=("q",))
def unread_port(a, b, q):
    return copy(a, q)


@entity
def undeclared_output(a, q):
    return copy(a, q)


@entity(outputs=("a", "q"))
def undriven_output(a, q):
    return copy(a, q)


@entity(outputs=("q",))
def reserved_port(signal, q):
    return copy(signal, q)


@entity(outputs=("q",))
def reserved_signal(a, q):
    inside = Signal(intbv(0)[4:])
    copy(a, inside)
    copy(inside, q)


@entity(outputs=("q",))
def many_processes(clk, d, q):
    """Processes with names that VHDL reserves or does not allow."""
    first, second = (Signal(intbv(0)[8:]) for _ in range(2))

    @always_comb
    def _begin():
        first.next = d

    @always(clk.posedge)
    def register():
        second.next = first

    @always_comb
    def end():
        q.next = second

    return _begin, register, end


@entity(outputs=("q",))
def chained_comparison(a, q):
    @always_comb
    def compare():
        q.next = 0 < a < 3

    return compare


@entity(outputs=("q",))
def unknown_member(a, q):
    @always_comb
    def assign():
        q.next = a.missing

    return assign


@entity(outputs=("q",))
def depends_on_nothing(a, q):
    @always_comb
    def assign():
        q.next = 3

    return assign


@entity(outputs=("q",))
def broken_elaboration(a, q):
    width = {"a": 4}["missing"]
    return copy(a(width, 0), q)
