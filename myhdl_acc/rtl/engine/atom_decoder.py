"""Turns a 64-bit atom of any format into sixteen factors with their positions."""

from myhdl import Signal, always, always_comb, block, concat, intbv

from golden.formats.w2 import LEVELS, NONE_KEPT, ONE_KEPT, PAIRS
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.wiring import vector, wire
from myhdl_acc.rtl.engine.command import W2, W4, W8

#: By pair index (the code's upper three bits): position 0 in the low, position 1 in the high two bits.
_PAIR_POSITIONS = (*(low | high << 2 for low, high in PAIRS), 0, 0)
#: By level index: +1, +3, −1, −3 as 4-bit factors.
_LEVEL_FACTORS = tuple(level & 15 for level in LEVELS)
#: Upper three bits of the codes with one kept weight, and of the code with none.
_ONE, _NONE = ONE_KEPT >> 4, NONE_KEPT >> 4


@entity(outputs=("factors", "positions", "scale", "illegal"))
def atom_decoder(clk, atom, mode, phase, block_scale, factors, positions, scale, illegal):
    """Decode one atom per cycle; latency 1 cycle, no back-pressure, no reset.

    In: ``atom`` (64), ``mode`` (a code of command.MODES), ``phase`` (beat within the slice, 0…3), ``block_scale`` (u8
    of a w4 block). Out: ``factors`` (16 × 4-bit two's complement, slot 0 lowest), ``positions`` (16 × 2-bit: which of
    the group's four activations), ``scale`` (u8; 1 in w8, qk and pv), ``illegal`` (a w2 code is not one of the 113, or
    a high digit of w8 is −8; the factors are 0). Formats: docs/formats.md.
    """
    group_factors = [Signal(intbv(0)[8:]) for _ in range(8)]
    group_positions = [Signal(intbv(0)[4:]) for _ in range(8)]
    group_illegal = [Signal(bool(0)) for _ in range(8)]
    dense_position = Signal(intbv(0)[4:])
    for g, (factor, position, bad) in enumerate(zip(group_factors, group_positions, group_illegal, strict=True)):
        group_decoder(
            code=atom(7 * g + 7, 7 * g),
            dense_factors=atom(8 * g + 8, 8 * g),
            mode=mode,
            dense_position=dense_position,
            factors=factor,
            positions=position,
            illegal=bad,
        )
    all_factors = vector(group_factors)
    all_positions = vector(group_positions)
    all_illegal = vector(group_illegal)
    atom_scale = atom(64, 56)

    @always_comb
    def dense():
        if mode == W8:
            dense_position.next = concat(phase, phase)
        elif phase[0]:
            dense_position.next = 0b1110
        else:
            dense_position.next = 0b0100

    @always_comb
    def gather():
        factors.next = all_factors
        positions.next = all_positions
        illegal.next = all_illegal != 0

    @always(clk.posedge)
    def register_scale():
        if mode == W2:
            scale.next = atom_scale
        elif mode == W4:
            scale.next = block_scale
        else:
            scale.next = 1


@block
def group_decoder(clk, code, dense_factors, mode, dense_position, factors, positions, illegal):
    """Two factors with their positions from a 7-bit code (w2) or a byte of two digits."""
    pair, level0, level1 = Signal(intbv(0)[3:]), Signal(intbv(0)[2:]), Signal(intbv(0)[2:])
    pair_position, factor0, factor1 = (Signal(intbv(0)[4:]) for _ in range(3))
    bits, digits = Signal(intbv(0)[7:]), Signal(intbv(0)[8:])
    wire(code, bits)
    wire(dense_factors, digits)

    @always_comb
    def split():
        pair.next = bits[7:4]
        level0.next = bits[4:2]
        level1.next = bits[2:0]

    @always_comb
    def look_up_pair():
        pair_position.next = _PAIR_POSITIONS[int(pair)]

    @always_comb
    def look_up_level0():
        factor0.next = _LEVEL_FACTORS[int(level0)]

    @always_comb
    def look_up_level1():
        factor1.next = _LEVEL_FACTORS[int(level1)]

    @always(clk.posedge)
    def register():
        illegal.next = False
        if mode == W2:
            if pair == _NONE:
                factors.next = 0
                positions.next = 0
                illegal.next = bits[4:] != 0
            elif pair == _ONE:
                factors.next = factor1
                positions.next = level0
            else:
                factors.next = concat(factor1, factor0)
                positions.next = pair_position
        else:
            factors.next = digits
            positions.next = dense_position
            if mode == W8 and digits[8:4] == 8:
                factors.next = 0
                illegal.next = True
