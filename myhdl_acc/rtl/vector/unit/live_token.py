"""Which tokens of a column count."""

from myhdl import Signal, always, always_comb, concat, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.rtl.vector.unit.instructions import LONGEST


@entity(outputs=("alive",))
def live_token(clk, number, token, only_filled, limit, latency, alive, config):
    """``alive``: whether the token that was issued ``latency`` + 1 cycles ago in column ``number`` counts.

    Without ``only_filled`` all do. Else the slot, ``token.slot`` and a block for every column of the head before this
    one, must be below ``limit`` and in the part that ``token`` (records) says. An index per cycle; no back-pressure, no
    reset.
    """
    block_bits = (16 * config.atoms - 1).bit_length()
    rank = Signal(intbv(0)[len(number) :])
    start, slot = Signal(intbv(0)[32:]), Signal(intbv(0)[32:])
    counts = Signal(bool(0))
    line = Signal(intbv(0)[LONGEST + 1 :])

    @always_comb
    def place():
        rank.next = number >> token.heads_log2

    @always_comb
    def offset():
        start.next = rank << block_bits

    @always_comb
    def add():
        slot.next = token.slot + start

    @always_comb
    def judge():
        if only_filled:
            if slot >= limit:
                counts.next = False
            elif token.part == 1:
                counts.next = slot >= token.sinks
            elif token.part == 2:
                counts.next = slot < token.sinks
            else:
                counts.next = True
        else:
            counts.next = True

    @always(clk.posedge)
    def remember():
        line.next = concat(line[LONGEST:], counts)

    @always_comb
    def look():
        alive.next = line[latency]
