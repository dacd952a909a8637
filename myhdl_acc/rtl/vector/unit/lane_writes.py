"""When the lanes take what leaves the columns: halves of slices of weights, and logits."""

from myhdl import Signal, always, always_comb, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.delay import delay_reset
from myhdl_acc.rtl.vector.unit.flags import TOKEN
from myhdl_acc.rtl.vector.unit.live_token import LATENCY as WRITTEN


@entity(outputs=("orders", "whole_beats"))
def lane_writes(clk, rst, start, pad, arrival, none_left, now, orders, whole_beats, config):
    """``orders`` (lane_orders of records). ``push_half`` comes a cycle after every 16th ``arrival`` of an instruction
    that makes weights has been pushed; a logit with every one of an instruction that makes these, numbered on from one
    to the next until one is ``first``.

    ``whole_beats``: the logits fill beats; while ``pad`` is high zeros go there until they do.
    """
    beat_mask = config.beat_bits // 32 - 1
    count, element = Signal(intbv(0)[16:]), Signal(intbv(0)[32:])
    logits, weights, padding, half_arrived, half_pushed = (Signal(bool(0)) for _ in range(5))
    delay_reset(d=half_arrived, q=half_pushed, stages=1 + WRITTEN)

    @always_comb
    def kinds():
        logits.next = now.flags.after == TOKEN
        weights.next = now.flags.push_byte and not now.flags.step

    @always_comb
    def fill():
        whole_beats.next = (count & beat_mask) == 0
        padding.next = pad and (count & beat_mask) != 0

    @always(clk.posedge)
    def walk():
        if start:
            count.next = 0
            if logits and now.first:
                element.next = 0
        else:
            if arrival.commit or padding:
                count.next = count + 1
            if arrival.commit:
                element.next = element + 1

    @always_comb
    def halves():
        half_arrived.next = arrival.commit and weights and (count & 15) == 15

    @always_comb
    def show():
        orders.push_half.next = half_pushed
        orders.logits.commit.next = arrival.commit and logits
        orders.logits.pad.next = padding
        orders.logits.start.next = start and logits
        orders.logits.clear.next = start and logits and now.first
        orders.logits.row.next = now.row
        orders.logits.heads.next = now.heads
        orders.logits.index.next = element
        orders.logits.address.next = now.address
        orders.logits.partial.next = none_left and arrival.last
