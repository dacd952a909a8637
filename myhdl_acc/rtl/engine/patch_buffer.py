"""Keeps a lane's newest key or value of every row until it is patched into the beats of the cache."""

from myhdl import Signal, always, always_comb, block, concat, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.wiring import vector, wire
from myhdl_acc.rtl.engine import load_hop as load_hop_unit

#: Cycles from the last word's ``take`` to ``ready``.
LATENCY = load_hop_unit.LATENCY + 1


@entity(outputs=("room", "ready", "token"))
def patch_buffer(clk, rst, take, word, free, room, ready, token, config):
    """Collect ``atoms`` words of values and one of parameters, then hold them until ``release``.

    ``take``, only while ``room`` is high: a word of the chain is coming; it appears at ``word`` load_hop.LATENCY cycles
    later. Word a has per row 16 values, nibble 2g + i of atom a in the low 4 bits of byte 4g + i of the row's 32 bytes;
    the last word has the row's parameter in the low 32 bits. ``ready``: ``token`` (records.new_token) is complete,
    LATENCY cycles after the last ``take``. ``free``, only while ``ready`` is high, empties the buffer; its contents
    stand for load_hop.LATENCY more cycles.
    """
    atoms, rows = config.atoms, config.rows
    words = Signal(intbv(0)[(atoms + 1).bit_length() :])
    full = Signal(bool(0))
    # Bit 0: a word of values, bit 1: of parameters; late_kind goes with ``word``.
    kind, held_kind, late_kind = (Signal(intbv(0)[2:]) for _ in range(3))
    data = Signal(intbv(0)[len(word) :])
    row_nibbles = [Signal(intbv(0)[64 * atoms :]) for _ in range(rows)]
    row_parameters = [Signal(intbv(0)[32:]) for _ in range(rows)]
    for r in range(rows):
        row_buffer(kind=late_kind, data=data, nibbles=row_nibbles[r], parameter=row_parameters[r], first=256 * r)
    all_nibbles, all_parameters = vector(row_nibbles), vector(row_parameters)

    @always_comb
    def copy():
        data.next = word

    @always_comb
    def outputs():
        room.next = not full
        token.nibbles.next = all_nibbles
        token.parameters.next = all_parameters

    @always_comb
    def kind_of_word():
        kind.next = 0
        if take:
            if words == atoms:
                kind.next = 2
            else:
                kind.next = 1

    @always(clk.posedge)
    def count():
        if rst:
            words.next = 0
            full.next = False
            ready.next = False
            held_kind.next = 0
            late_kind.next = 0
        else:
            held_kind.next = kind
            late_kind.next = held_kind
            if free:
                full.next = False
                ready.next = False
            elif late_kind[1]:
                ready.next = True
            if take:
                if words == atoms:
                    words.next = 0
                    full.next = True
                else:
                    words.next = words + 1


@block
def row_buffer(clk, kind, data, nibbles, parameter, first):
    """The row's values shift in from above. The row's bits of ``data`` begin with bit ``first``."""
    width = len(nibbles)
    values = [Signal(intbv(0)[4:]) for _ in range(16)]
    copies = []
    for g in range(8):
        for i in range(2):
            low = first + 32 * g + 8 * i
            copies.append(wire(data(low + 4, low), values[2 * g + i]))
    atom = vector(values)

    @always(clk.posedge)
    def shift():
        if kind[0]:
            nibbles.next = concat(atom, nibbles[width:64])
        if kind[1]:
            parameter.next = data[first + 32 : first]
