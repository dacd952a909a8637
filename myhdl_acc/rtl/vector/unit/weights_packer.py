"""Makes a lane's stationary slices of the weights that its columns compute, token by token."""

from myhdl import Signal, always, always_comb, block, concat, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.stream import fifo
from myhdl_acc.hdl.stream.stream import Stream
from myhdl_acc.hdl.wiring import unused, vector

#: Slices that wait before the lane: those of 1,024 of its positions at ``u280``.
SLICES = 4
#: Cycles from the push of a second block's weights to their word.
LATENCY = 2


@entity(outputs=("room",))
def weights_packer(clk, rst, push, halves, source, room, config):
    """Every ``push`` brings 16 weights of each row, ``halves`` (an Array of the rows', 128); ``atoms`` of them are a
    token block's, and two blocks make a slice: word a of it has the first block's tokens 16a … 16a+15 where phase 0
    meets them and the second block's where phase 1 does (docs/formats.md).

    ``source``: Stream(data=256·rows), ``atoms`` words a slice. ``room``: another slice fits in the next cycle behind
    what has been pushed; a push may not come while none does. A push per cycle, LATENCY to its word.
    """
    atoms, rows = config.atoms, config.rows
    first_halves = [Signal(intbv(0)[128 * rows :]) for _ in range(atoms)]
    first_half, held = Signal(intbv(0)[128 * rows :]), Signal(intbv(0)[128 * rows :])
    second, complete = Signal(bool(0)), Signal(bool(0))
    atom = Signal(intbv(0, min=0, max=max(2, atoms)))
    words, most = Stream(data=256 * rows), (SLICES - 1) * atoms
    occupancy = Signal(intbv(0, min=0, max=SLICES * atoms + 1))
    fifo(sink=words, source=source, depth=SLICES * atoms, occupancy=occupancy)
    row_words = [Signal(intbv(0)[256:]) for _ in range(rows)]
    for r in range(rows):
        low, high = first_half(128 * r + 128, 128 * r), held(128 * r + 128, 128 * r)
        interleave(low=low, high=high, word=row_words[r])
    word, together = vector(row_words), vector(list(halves))
    unused(words.ready)

    @always(clk.posedge)
    def halve():
        if push:
            held.next = together
            if second:
                first_half.next = first_halves[atom]
            else:
                first_halves[atom].next = together

    @always(clk.posedge)
    def count():
        if rst:
            second.next = False
            atom.next = 0
            complete.next = False
        else:
            complete.next = push and second
            if push:
                if atom == atoms - 1:
                    atom.next = 0
                    second.next = not second
                else:
                    atom.next = atom + 1

    @always_comb
    def offer():
        words.valid.next = complete
        words.data.next = word
        room.next = occupancy < most or (occupancy == most and not complete)


@block
def interleave(low, high, word):
    """Groups of four: two bytes of the first block, two of the second."""
    a, b = Signal(intbv(0)[128:]), Signal(intbv(0)[128:])

    @always_comb
    def copy():
        a.next = low
        b.next = high

    @always_comb
    def join():
        word.next = concat(
            b[128:112],
            a[128:112],
            b[112:96],
            a[112:96],
            b[96:80],
            a[96:80],
            b[80:64],
            a[80:64],
            b[64:48],
            a[64:48],
            b[48:32],
            a[48:32],
            b[32:16],
            a[32:16],
            b[16:0],
            a[16:0],
        )
