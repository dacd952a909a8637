"""Two rows of a lane, or the only one: their multipliers, and an accumulator each."""

from myhdl import Signal, always, always_comb, block, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Array, Record, bits, signed, view
from myhdl_acc.hdl.wiring import unused
from myhdl_acc.rtl.engine import accumulator as accumulator_unit
from myhdl_acc.rtl.engine import atom_dot as atom_dot_unit
from myhdl_acc.rtl.engine.accumulator import accumulator
from myhdl_acc.rtl.engine.adder_tree import adder_tree
from myhdl_acc.rtl.engine.atom_dot import DOT_BITS, atom_dot
from myhdl_acc.rtl.engine.records import RESULT, control_places

#: Cycles from a beat's dot products to its tap sums.
TAP_LATENCY = 2

#: Cycles from a beat at ``sink`` to its sum being readable; ``done`` rises in the cycle before.
LATENCY = 1 + atom_dot_unit.LATENCY + TAP_LATENCY + accumulator_unit.LATENCY


@entity(outputs=("values", "done"))
def row_pair(clk, rst, sink, load_data, source, read, values, done, config):
    """One beat (records.decoded_beat) per cycle from ``sink`` to the accumulators (LATENCY cycles) and, one cycle
    later, to ``source`` for the next pair.

    ``load_data`` (256 bits a row) goes with ``sink.load``. ``values.rowR_tapT``: tap T of row R of the pair, see
    accumulator, for ``read`` (records.read_port). ``done`` pulses once for every beat with ``result``. No
    back-pressure.
    """
    atoms = config.atoms
    tap_bits = DOT_BITS + (atoms - 1).bit_length()
    hop = sink.delay(1, reset=("control", "swap", "load"))
    hop >> source
    wide = Record(wide=hop.wide).delay(atom_dot_unit.WIDE_DELAY).wide
    split = Record(split=hop.split).delay(atom_dot_unit.LATENCY + TAP_LATENCY - 1).split
    scales = Record(scales=hop.scales).delay(atom_dot_unit.SCALE_DELAY).scales
    control = Record(control=hop.control).delay(atom_dot_unit.LATENCY + TAP_LATENCY, reset=("control",)).control

    rows = config.pair_rows
    dots = [Array("row", [Signal(signed(DOT_BITS)) for _ in range(rows)]) for _ in range(atoms)]
    shadows = [Signal(intbv(0)[256 * rows :]) for _ in range(atoms)]
    unused(shadows[0])  # the end of the chain
    for a in range(atoms):
        atom_dot(
            load=sink.load,
            # A slice's words enter at the last atom and move to atom 0, which gets the first word.
            load_data=load_data if a == atoms - 1 else shadows[a + 1],
            swap=sink.swap,
            factors=bits(hop.factors, 64 * a, 64),
            positions=bits(hop.positions, 32 * a, 32),
            wide=wide,
            scale=bits(scales, 8 * a, 8),
            shadow=shadows[a],
            dots=dots[a],
            packed=bool(config.packed),
        )

    beat = view(control, control_places(config))
    for r in range(rows):
        tap0, tap1 = Signal(signed(tap_bits)), Signal(signed(tap_bits))
        tap_sums(dots=[one[r] for one in dots], split=split, tap0=tap0, tap1=tap1)
        value0, value1 = (getattr(values, f"row{r}_tap{tap}") for tap in range(2))
        accumulator(beat=beat, tap0=tap0, tap1=tap1, read=read, value0=value0, value1=value1, config=config)

    late = Record(done=bits(control, RESULT, 1)).delay(accumulator_unit.LATENCY - 1, reset=("done",))

    @always_comb
    def finished():
        done.next = late.done


def pair_values(config):
    """The values of a pair that a read yields."""
    return Record(**{f"row{r}_tap{t}": config.acc_bits for r in range(config.pair_rows) for t in range(2)})


@block
def tap_sums(clk, dots, split, tap0, tap1):
    """Sums of the lower and upper half of a beat, or of the whole beat in tap 0; TAP_LATENCY cycles.

    ``split`` comes a cycle after the beat's ``dots``.
    """
    half = len(dots) // 2
    halves = Record(low=signed(len(tap0)), high=signed(len(tap0)))
    adder_tree(dots[:half], halves.low)
    adder_tree(dots[half:], halves.high)
    sums = halves.delay(1)

    @always(clk.posedge)
    def add_halves():
        if split:
            tap0.next = sums.low
        else:
            tap0.next = sums.low + sums.high
        tap1.next = sums.high
