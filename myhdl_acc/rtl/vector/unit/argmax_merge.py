"""The better of two candidates."""

from myhdl import always

from myhdl_acc.hdl.convert.entity import entity

#: Cycles from two candidates to the better one.
LATENCY = 1


@entity(outputs=("best",))
def argmax_merge(clk, a, b, best):
    """The candidate with the larger value, among equals that with the lower index.

    Merges what two argmax blocks found. A result every cycle, latency 1. No back-pressure, no reset: validity travels
    beside.
    """

    @always(clk.posedge)
    def compare():
        if a.value > b.value or (a.value == b.value and a.index < b.index):
            best.value.next = a.value
            best.index.next = a.index
        else:
            best.value.next = b.value
            best.index.next = b.index
