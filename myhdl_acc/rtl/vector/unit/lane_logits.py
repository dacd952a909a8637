"""A lane's logits: to memory, and the largest of them."""

from myhdl import Signal, always, always_comb, concat, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record, bits
from myhdl_acc.hdl.stream import fifo
from myhdl_acc.hdl.stream.stream import Stream
from myhdl_acc.hdl.wiring import unused, vector
from myhdl_acc.rtl.vector.arith.argmax import argmax

#: Beats that may be on their way when the first of them finds no room.
QUEUE = 4


@entity(outputs=("room", "bests"))
def lane_logits(clk, rst, logits, place, values, source, room, bests, config):
    """Takes the lane's ``values`` (an Array of the rows', s32) with every ``logits.commit`` (logits_control of
    records).

    ``source``: Stream(address=32, data=beat_bits): row ``logits.row``'s values, beat_bits/32 to a beat, the first
    lowest, to consecutive beat addresses; ``room``: QUEUE − 1 more beats fit. ``bests``: an Array of the rows'
    candidates, each the largest value since ``logits.clear`` and its element's number, index · lanes + ``place``, the
    lowest among equals. One commit per cycle.
    """
    rows, lanes_log2 = config.rows, (config.lanes - 1).bit_length()
    words, beat_bits = config.beat_bits // 32, config.beat_bits
    beats = Stream(address=32, data=beat_bits)
    occupancy = Signal(intbv(0, min=0, max=QUEUE + 1))
    fifo(sink=beats, source=source, depth=QUEUE, occupancy=occupancy)
    unused(beats.ready)
    chosen, new_word = Signal(intbv(0)[rows * 32 :]), Signal(intbv(0)[32:])
    beat = Signal(intbv(0)[beat_bits:])
    address, number = Signal(intbv(0)[32:]), Signal(intbv(0)[32:])
    count = Signal(intbv(0, min=0, max=words))
    full, counts, clear = Signal(bool(0)), Signal(bool(0)), Signal(bool(0))
    for value, best in zip(values, bests, strict=True):
        argmax(clear=clear, valid=counts, candidate=Record(value=value, index=number), best=best)
    together = vector([bits(value, 0, 32) for value in values])

    @always_comb
    def select():
        chosen.next = together >> concat(logits.row, intbv(0)[5:])
        clear.next = logits.clear
        counts.next = logits.commit and (not logits.partial or place < logits.heads)

    @always_comb
    def element():
        number.next = (logits.index << lanes_log2) | place
        if logits.commit:
            new_word.next = chosen[32:]
        else:
            new_word.next = 0

    @always(clk.posedge)
    def pack():
        if logits.commit or logits.pad:
            beat.next = concat(new_word, beat[beat_bits:32])

    @always(clk.posedge)
    def control():
        if rst:
            full.next = False
            count.next = 0
            address.next = 0
        else:
            full.next = (logits.commit or logits.pad) and count == words - 1
            if logits.commit or logits.pad:
                if count == words - 1:
                    count.next = 0
                else:
                    count.next = count + 1
            if logits.start:
                address.next = logits.address
            elif full:
                address.next = address + 1

    @always_comb
    def offer():
        beats.valid.next = full
        beats.address.next = address
        beats.data.next = beat
        room.next = occupancy <= 1
