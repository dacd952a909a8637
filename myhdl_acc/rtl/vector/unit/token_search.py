"""Finds every row's token among what the lanes have found."""

from myhdl import always

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.wiring import unused, vector
from myhdl_acc.rtl.vector.arith.argmax import candidate
from myhdl_acc.rtl.vector.unit.argmax_merge import argmax_merge


@entity(outputs=("token",))
def token_search(clk, rst, keep, bests, token, config):
    """``token`` (rows · 32): per row the index of the largest of the lanes' ``bests``, which ``keep`` takes.

    ``bests``: an Array of the lanes' Arrays of the rows' candidates, which must have been there for log2(lanes) cycles
    before ``keep``. 0 after reset; latency 1 from ``keep``.
    """
    found = [row_best([one[r] for one in bests]).index for r in range(config.rows)]
    together = vector(found)

    @always(clk.posedge)
    def take():
        if rst:
            token.next = 0
        elif keep:
            token.next = together


def row_best(candidates):
    """The best of a row's candidates, log2 of their number cycles later."""
    while len(candidates) > 1:
        merged = [candidate() for _ in range(len(candidates) // 2)]
        for i, best in enumerate(merged):
            argmax_merge(a=candidates[2 * i], b=candidates[2 * i + 1], best=best)
        candidates = merged
    unused(candidates[0].value)
    return candidates[0]
