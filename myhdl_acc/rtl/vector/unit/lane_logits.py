"""A lane's logits: to memory, and the largest of them."""

from myhdl import Signal, always, always_comb, block, concat, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record, bits, signed
from myhdl_acc.hdl.stream import fifo
from myhdl_acc.hdl.stream.stream import Stream
from myhdl_acc.hdl.wiring import unused, vector
from myhdl_acc.rtl.vector.arith.argmax import argmax
from myhdl_acc.rtl.vector.unit.lane_noise import lane_noise

#: Beats that may be on their way when the first of them finds no room.
QUEUE = 4


@entity(outputs=("room", "bests"))
def lane_logits(clk, rst, logits, draw, place, values, source, room, bests, config):
    """Takes the lane's ``values`` (an Array of the rows', s32) with every ``logits.commit`` (logits_control of
    records).

    ``source``: Stream(address=32, data=beat_bits): row ``logits.row``'s values, beat_bits/32 to a beat, the first
    lowest, to consecutive beat addresses; ``room``: QUEUE − 1 more beats fit in the next cycle. ``bests``: an Array of
    the rows' candidates, each the largest value since ``logits.clear`` and its element's number, index · lanes +
    ``place``, the lowest among equals. One commit per cycle; while ``draw.enabled`` (draw of records) one per
    draw_control.spacing(), and a candidate's value is that with noise.
    """
    rows, words, beat_bits = config.rows, config.beat_bits // 32, config.beat_bits
    beats = Stream(address=32, data=beat_bits)
    occupancy = Signal(intbv(0, min=0, max=QUEUE + 1))
    fifo(sink=beats, source=source, depth=QUEUE, occupancy=occupancy)
    unused(beats.ready)
    chosen, new_word = Signal(intbv(0)[rows * 32 :]), Signal(intbv(0)[32:])
    beat = Signal(intbv(0)[beat_bits:])
    address = Signal(intbv(0)[32:])
    count = Signal(intbv(0, min=0, max=words))
    full, clear = Signal(bool(0)), Signal(bool(0))
    score, plain, drawn = Signal(signed(32)), Record(valid=1, index=32), Record(valid=1, index=32)
    lane_noise(
        commit=logits.commit,
        values=values,
        place=place,
        draw=draw.only("begin", "row", "index", "keys", "temperature"),
        score=score,
        config=config,
    )
    numbered(of=logits.only("index", "partial", "heads"), valid=logits.commit, place=place, found=plain, config=config)
    late = draw.found
    numbered(of=late.only("index", "partial", "heads"), valid=late.valid, place=place, found=drawn, config=config)
    for row, (value, best) in enumerate(zip(values, bests, strict=True)):
        candidate, valid = Record(value=signed(32), index=32), Signal(bool(0))
        choose_candidate(
            draw=Record(enabled=draw.enabled, row=late.row),
            row=row,
            value=value,
            plain=plain,
            score=score,
            drawn=drawn,
            candidate=candidate,
            valid=valid,
        )
        argmax(clear=clear, valid=valid, candidate=candidate, best=best)
    together = vector([bits(value, 0, 32) for value in values])

    @always_comb
    def select():
        chosen.next = together >> concat(logits.row, intbv(0)[5:])
        clear.next = logits.clear

    @always_comb
    def element():
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
        room.next = occupancy == 0 or (occupancy == 1 and not full)


@block
def numbered(of, valid, place, found, config):
    """``found``: the number of the lane's element of ``of``, which counts with ``valid`` unless it is padding."""
    lanes_log2 = (config.lanes - 1).bit_length()

    @always_comb
    def number():
        found.index.next = (of.index << lanes_log2) | place
        found.valid.next = valid and (not of.partial or place < of.heads)


@block
def choose_candidate(draw, row, value, plain, score, drawn, candidate, valid):
    """What row ``row`` compares: its ``value``, or a ``score`` if it is the row's."""

    @always_comb
    def select():
        if draw.enabled:
            candidate.value.next = score
            candidate.index.next = drawn.index
            valid.next = drawn.valid and draw.row == row
        else:
            candidate.value.next = value
            candidate.index.next = plain.index
            valid.next = plain.valid
