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
    ``left_out`` (records). What is the instruction's, not the token's, is there a cycle before its first token. A token
    per cycle; no back-pressure, no reset.
    """
    block_bits = (16 * config.atoms - 1).bit_length()
    rank, ahead = Signal(intbv(0)[len(number) :]), Signal(intbv(0)[len(number) + block_bits :])
    start, slot = Signal(intbv(0)[len(ahead) :]), Signal(intbv(0)[32:])
    from_first, behind = (Signal(modbv(0)[len(left_out.first) :]) for _ in range(2))
    there, again = Signal(bool(0)), Signal(bool(0))

    @always_comb
    def place():
        rank.next = number >> token.heads_log2

    @always_comb
    def offset():
        ahead.next = rank << block_bits

    @always(clk.posedge)
    def begin():
        start.next = ahead
        from_first.next = ahead - left_out.first

    @always(clk.posedge)
    def add():
        slot.next = token.slot + start
        behind.next = token.slot + from_first

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
