"""Turns a 64-bit atom of any format into sixteen factors with their positions."""

from myhdl import Signal, always, always_comb, block, concat, intbv

from golden.formats.w2 import CODE_FACTORS, CODE_POSITIONS, NONE_KEPT
from myhdl_acc.convert.entity import entity
from myhdl_acc.engine.command import W2, W4, W8
from myhdl_acc.stream.wiring import vector, wire

#: By 7-bit code, from bit 0: factor 0, factor 1 (4 bits each), position 0, position 1 (2 bits each), illegal.
_TABLE = tuple(
    (f0 & 15) | (f1 & 15) << 4 | p0 << 8 | p1 << 10 | (code > NONE_KEPT) << 12
    for code, ((f0, f1), (p0, p1)) in enumerate(zip(CODE_FACTORS.tolist(), CODE_POSITIONS.tolist(), strict=True))
)


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
    groups = [
        group_decoder(clk, atom(7 * g + 7, 7 * g), atom(8 * g + 8, 8 * g), mode, dense_position, factor, position, bad)
        for g, (factor, position, bad) in enumerate(zip(group_factors, group_positions, group_illegal, strict=True))
    ]
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

    return groups, dense, gather, register_scale


@block
def group_decoder(clk, code, dense_factors, mode, dense_position, factors, positions, illegal):
    entry = Signal(intbv(0)[13:])
    digits = Signal(intbv(0)[8:])
    copy = wire(dense_factors, digits)

    @always_comb
    def look_up():
        entry.next = _TABLE[int(code)]

    @always(clk.posedge)
    def register():
        if mode == W2:
            factors.next = entry[8:0]
            positions.next = entry[12:8]
            illegal.next = entry[12]
        elif mode == W8 and digits[8:4] == 8:
            factors.next = 0
            positions.next = dense_position
            illegal.next = True
        else:
            factors.next = digits
            positions.next = dense_position
            illegal.next = False

    return copy, look_up, register
