"""The better of two candidates."""

from myhdl import always

from myhdl_acc.hdl.convert.entity import entity

#: Cycles from two candidates to the better one.
LATENCY = 1


@entity(outputs=("best", "best_index"))
def argmax_merge(clk, value_a, index_a, value_b, index_b, best, best_index):
    """The pair with the larger value (signed 32), among equals that with the lower index (unsigned 32).

    Merges what two argmax blocks found. A result every cycle, latency 1. No back-pressure, no reset: validity travels
    beside.
    """

    @always(clk.posedge)
    def compare():
        if value_a > value_b or (value_a == value_b and index_a < index_b):
            best.next = value_a
            best_index.next = index_a
        else:
            best.next = value_b
            best_index.next = index_b
