"""Two rows of a lane: multipliers they share, an accumulator each."""

from myhdl import Signal, always, always_comb, block, intbv

from myhdl_acc.convert.entity import entity
from myhdl_acc.engine import accumulator as accumulator_unit
from myhdl_acc.engine import atom_dot as atom_dot_unit
from myhdl_acc.engine.accumulator import accumulator
from myhdl_acc.engine.adder_tree import adder_tree
from myhdl_acc.engine.atom_dot import DOT_BITS, atom_dot
from myhdl_acc.hdl.delay import delay, delay_reset
from myhdl_acc.hdl.wiring import unused, wire
from myhdl_acc.stream.stream import signed

#: Bits of DecodedBeat.control, and where the address begins.
VALID, FIRST, LAST, FRESH, BANK, RESULT, ADDRESS = range(7)
#: Cycles from a beat at ``sink`` to its sum being readable; ``done`` rises in the cycle before.
LATENCY = 1 + atom_dot_unit.LATENCY + 1 + accumulator_unit.LATENCY


class DecodedBeat:
    """A beat as the tiles see it, moving down the rows one register per hop; it cannot be stalled.

    ``factors``, ``positions``, ``scales``: atom_decoder's outputs for every atom, atom 0 lowest. ``control``: valid,
    first, last, fresh, bank, result, address from bit 0 (see accumulator; ``result``: with this beat the sum of an
    output is final, or without ``valid`` all that an operation without sums has). ``swap``: this beat begins a new
    slice. ``wide``: the mode is w8. ``split``: two outputs per beat. ``load``: a stationary word is beside (independent
    of the beat).
    """

    def __init__(self, config):
        self.factors = Signal(intbv(0)[64 * config.atoms :])
        self.positions = Signal(intbv(0)[32 * config.atoms :])
        self.scales = Signal(intbv(0)[8 * config.atoms :])
        self.control = Signal(intbv(0)[ADDRESS + (config.acc_depth - 1).bit_length() :])
        self.swap = Signal(bool(0))
        self.wide = Signal(bool(0))
        self.split = Signal(bool(0))
        self.load = Signal(bool(0))


@entity(outputs=("value00", "value01", "value10", "value11", "done"))
def row_pair(
    clk, rst, sink, load_data, source, read, read_bank, read_address, value00, value01, value10, value11, done, config
):
    """One beat per cycle from ``sink`` to the accumulators (LATENCY cycles) and, one cycle later, to ``source`` for the
    next pair.

    ``load_data`` (2 rows × 256 bits) goes with ``sink.load``. ``valueRT``: tap T of row R of the pair, see accumulator,
    for ``read``. ``done`` pulses once for every beat with ``result``. No back-pressure.
    """
    atoms = config.atoms
    tap_bits = DOT_BITS + (atoms - 1).bit_length()
    dots = [[Signal(signed(DOT_BITS)) for _ in range(atoms)] for _ in range(2)]
    shadows = [Signal(intbv(0)[512:]) for _ in range(atoms)]
    unused(shadows[0])  # the end of the chain
    wide = Signal(intbv(0)[1:])
    split = Signal(intbv(0)[1:])
    scales = Signal(intbv(0)[8 * atoms :])
    control = Signal(intbv(0)[len(sink.control) :])
    hop_wide, hop_split = Signal(intbv(0)[1:]), Signal(intbv(0)[1:])
    hop_register(clk, rst, sink, source)
    delay(clk, hop_wide, wide, atom_dot_unit.WIDE_DELAY)
    delay(clk, hop_split, split, atom_dot_unit.LATENCY)
    delay(clk, source.scales, scales, atom_dot_unit.SCALE_DELAY)
    delay_reset(clk=clk, rst=rst, d=source.control, q=control, stages=atom_dot_unit.LATENCY + 1)
    wide_bit, load, swap = Signal(bool(0)), Signal(bool(0)), Signal(bool(0))
    factors, positions = Signal(intbv(0)[64 * atoms :]), Signal(intbv(0)[32 * atoms :])

    @always_comb
    def locals_():
        # Slices of an interface's signals cannot be ports of a sub-block; slices of these copies can.
        factors.next = source.factors
        positions.next = source.positions
        load.next = sink.load
        swap.next = sink.swap
        hop_wide.next = source.wide
        hop_split.next = source.split
        wide_bit.next = wide[0]

    tiles = []
    for a in range(atoms):
        # A slice's words enter at the last atom and move to atom 0, which gets the first word.
        word = load_data if a == atoms - 1 else shadows[a + 1]
        factor_slice, position_slice = factors(64 * a + 64, 64 * a), positions(32 * a + 32, 32 * a)
        atom_factors, atom_positions, scale = Signal(intbv(0)[64:]), Signal(intbv(0)[32:]), Signal(intbv(0)[8:])
        tiles.append(wire(factor_slice, atom_factors))
        tiles.append(wire(position_slice, atom_positions))
        tiles.append(wire(scales(8 * a + 8, 8 * a), scale))
        tiles.append(
            atom_dot(
                load=load,
                load_data=word,
                swap=swap,
                factors=atom_factors,
                positions=atom_positions,
                wide=wide_bit,
                scale=scale,
                shadow=shadows[a],
                dot0=dots[0][a],
                dot1=dots[1][a],
            )
        )

    rows = []
    for r, (value0, value1) in enumerate(((value00, value01), (value10, value11))):
        tap0, tap1 = Signal(signed(tap_bits)), Signal(signed(tap_bits))
        rows.append(tap_sums(clk=clk, dots=dots[r], split=split, tap0=tap0, tap1=tap1))
        rows.append(
            row_accumulator(
                clk=clk,
                rst=rst,
                control=control,
                tap0=tap0,
                tap1=tap1,
                read=read,
                read_bank=read_bank,
                read_address=read_address,
                value0=value0,
                value1=value1,
                config=config,
            )
        )
    done_now, done_later = Signal(intbv(0)[1:]), Signal(intbv(0)[1:])
    delay_reset(clk=clk, rst=rst, d=done_now, q=done_later, stages=accumulator_unit.LATENCY - 1)

    @always_comb
    def finished():
        done_now.next = control[RESULT]
        done.next = done_later[0]


@block
def hop_register(clk, rst, sink, source):
    @always(clk.posedge)
    def payload():
        source.factors.next = sink.factors
        source.positions.next = sink.positions
        source.scales.next = sink.scales
        source.wide.next = sink.wide
        source.split.next = sink.split

    @always(clk.posedge)
    def control():
        if rst:
            source.control.next = 0
            source.swap.next = False
            source.load.next = False
        else:
            source.control.next = sink.control
            source.swap.next = sink.swap
            source.load.next = sink.load


@block
def tap_sums(clk, dots, split, tap0, tap1):
    """Registered sums of the lower and upper half of a beat, or of the whole beat in tap 0."""
    half = len(dots) // 2
    low, high = Signal(signed(len(tap0))), Signal(signed(len(tap0)))
    adder_tree(dots[:half], low)
    adder_tree(dots[half:], high)

    @always(clk.posedge)
    def register():
        if split[0]:
            tap0.next = low
        else:
            tap0.next = low + high
        tap1.next = high


@block
def row_accumulator(clk, rst, control, tap0, tap1, read, read_bank, read_address, value0, value1, config):
    valid, first, last, fresh, bank, complete = (Signal(bool(0)) for _ in range(6))
    address = Signal(intbv(0)[len(read_address) :])

    @always_comb
    def unpack():
        valid.next = control[VALID]
        first.next = control[FIRST]
        last.next = control[LAST]
        fresh.next = control[FRESH]
        bank.next = control[BANK]
        complete.next = control[RESULT]
        address.next = control[:ADDRESS]

    accumulator(
        valid=valid,
        first=first,
        last=last,
        fresh=fresh,
        complete=complete,
        bank=bank,
        address=address,
        tap0=tap0,
        tap1=tap1,
        read=read,
        read_bank=read_bank,
        read_address=read_address,
        value0=value0,
        value1=value1,
        config=config,
    )
