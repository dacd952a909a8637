"""Blocks whose resources and depth are known."""

from myhdl import Signal, always, always_comb, always_seq, intbv

from myhdl_acc.hdl.convert.entity import entity


@entity(outputs=("q",))
def word_register(clk, rst, d, q):
    """As many flip-flops as bits, no logic."""

    @always_seq(clk.posedge, reset=rst)
    def store():
        q.next = d

    return store


@entity(outputs=("q",))
def parity(clk, rst, d, q):
    """Parity of bits 10…6, inverted if bits 5…0 are all ones: two levels of LUT6, and a flip-flop."""

    folded = Signal(bool(0))

    @always_comb
    def fold():
        folded.next = d[6] ^ d[7] ^ d[8] ^ d[9] ^ d[10]

    @always_seq(clk.posedge, reset=rst)
    def store():
        if d[6:] == 63:
            q.next = not folded
        else:
            q.next = folded

    return fold, store


@entity(outputs=("q",))
def product(clk, a, b, q):
    """One DSP48E2, one level."""

    @always(clk.posedge)
    def multiply():
        q.next = a * b

    return multiply


@entity(outputs=("q",))
def memory(clk, write, address, d, q, depth):
    """A memory with a registered output."""
    words = [Signal(intbv(0)[len(d) :]) for _ in range(depth)]

    @always(clk.posedge)
    def access():
        if write:
            words[address].next = d
        q.next = words[address]

    return access


@entity(outputs=("q",))
def lookup(clk, write, address, d, q, depth):
    """A memory with an asynchronous output and an inverter behind it."""
    words = [Signal(intbv(0)[len(d) :]) for _ in range(depth)]
    word = Signal(intbv(0)[len(d) :])

    @always(clk.posedge)
    def store():
        if write:
            words[address].next = d

    @always_comb
    def read():
        word.next = words[address]

    @always_comb
    def invert():
        q.next = ~word & address

    return store, read, invert


@entity(outputs=("q",))
def tower(clk, rst, d, q):
    """Two registers, each with a parity behind it, and logic of its own: three levels of entities."""
    first, second = (Signal(bool(0)) for _ in range(2))
    below = storey(clk, rst, d, first), storey(clk, rst, d, second)

    @always_comb
    def combine():
        q.next = first ^ second

    return below, combine


@entity(outputs=("q",))
def storey(clk, rst, d, q):
    kept = Signal(intbv(0)[len(d) :])
    return word_register(clk, rst, d, kept), parity(clk, rst, kept, q)
