"""Which tokens of a column count."""

from myhdl import Signal, always, always_comb, intbv, modbv

from myhdl_acc.hdl.convert.entity import entity

#: Cycles from a token to whether it counts.
LATENCY = 2


@entity(outputs=("alive",))
def live_token(clk, number, token, only_filled, limit, left_out, alive, config):
    """``alive``: whether the token of LATENCY cycles ago counts in column ``number``.

    Without ``only_filled`` all do. Else the slot, ``token.slot`` and a block for every column of the head before this
    one, must be below ``limit`` and in the part that ``token`` (records) says. With ``token.cut`` it must not be
    ``left_out`` (records). A token per cycle; no back-pressure, no reset.
    """
    block_bits = (16 * config.atoms - 1).bit_length()
    rank = Signal(intbv(0)[len(number) :])
    start, slot = Signal(intbv(0)[32:]), Signal(intbv(0)[32:])
    behind, there, again = Signal(modbv(0)[len(left_out.first) :]), Signal(bool(0)), Signal(bool(0))

    @always_comb
    def place():
        rank.next = number >> token.heads_log2

    @always_comb
    def offset():
        start.next = rank << block_bits

    @always(clk.posedge)
    def add():
        slot.next = token.slot + start
        behind.next = token.slot + start - left_out.first

    @always_comb
    def leave_out():
        there.next = behind < left_out.count
        again.next = slot >= token.sinks and slot < left_out.wrapped

    @always(clk.posedge)
    def judge():
        if only_filled:
            if slot >= limit or (token.cut and (there or again)):
                alive.next = False
            elif token.part == 1:
                alive.next = slot >= token.sinks
            elif token.part == 2:
                alive.next = slot < token.sinks
            else:
                alive.next = True
        else:
            alive.next = True
