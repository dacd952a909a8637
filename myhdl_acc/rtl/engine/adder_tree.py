"""Combinational sum of any number of signed signals."""

from myhdl import Signal, always_comb, block, intbv

from myhdl_acc.hdl.wiring import wire


@block
def adder_tree(terms, total):
    """``total`` = Σ ``terms``. No register; ``total`` must be wide enough for the exact sum.

    A balanced tree, so the depth is ⌈log2⌉ of the number of terms.
    """
    if len(terms) == 1:
        return wire(terms[0], total)
    if len(terms) == 2:
        return add_pair(terms[0], terms[1], total)
    half = len(terms) // 2
    parts = []
    for side in (terms[:half], terms[half:]):
        low = sum(int(term.min) for term in side)
        high = sum(int(term.max) - 1 for term in side) + 1
        parts.append(Signal(intbv(0, min=low, max=high)))
    left, right = parts
    left_tree = adder_tree(terms[:half], left)
    right_tree = adder_tree(terms[half:], right)
    root = add_pair(left, right, total)
    return left_tree, right_tree, root


@block
def add_pair(a, b, total):
    @always_comb
    def add():
        total.next = a + b
