"""What a row knows of each head's queries, keys and values: their scales, and the sum of a query's levels."""

from myhdl import Signal, always, always_comb, concat, intbv

from golden.machine.parameters import EXPONENT_BIAS
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import bits, view
from myhdl_acc.rtl.vector.unit import latencies as stage

#: Heads of a model: queries, keys and values.
ENTRIES = 256
#: Where an entry has them: name → (first bit, width). A head that is to be normed has its peak's drop instead of the
#: zero point, and once its squares are added up only rms_scale's inverse and places (NORM).
STEP = {"mantissa": (0, 16), "exponent": (16, 10)}
INVERSE = {"mantissa": (26, 16), "exponent": (42, 10)}
ABOVE = {"zero": (52, 8), "drop": (52, 4)}
NORM = {"inverse": (0, 17), "places": (17, 7)}
SCALES_BITS = 60


#: Cycles from an entry's number to what it has.
LATENCY = stage.TABLE


@entity(outputs=("found", "parameter_word"))
def head_table(clk, write, entry, found, other_entry, parameter_word):
    """ENTRIES entries; ``write.scales`` stores ``write.new_scales`` (60) and ``write.sum`` ``write.new_sum`` (17) in
    entry ``write.entry``.

    Two readers, LATENCY cycles after the number: ``entry`` → ``found.scales`` and ``found.sum``;
    ``other_entry`` → ``parameter_word``, the word that goes into the cache beside the head's key or value: mantissa,
    exponent + 64, zero point (docs/accelerator.md). One access each per cycle; no reset.
    """
    kept, kept_sums = (
        [Signal(intbv(0)[SCALES_BITS:]) for _ in range(ENTRIES)],
        [Signal(intbv(0)[17:]) for _ in range(ENTRIES)],
    )
    here, other = found.like(), found.only("scales").like()
    here.delay(LATENCY - 1) >> found
    late = other.delay(LATENCY - 1)
    step, zero = view(late.scales, STEP), bits(late.scales, *ABOVE["zero"])
    biased = Signal(intbv(0)[8:])

    @always(clk.posedge)
    def store():
        if write.scales:
            kept[write.entry].next = write.new_scales
        if write.sum:
            kept_sums[write.entry].next = write.new_sum

    @always(clk.posedge)
    def read():
        here.scales.next = kept[entry]
        here.sum.next = kept_sums[entry]
        other.scales.next = kept[other_entry]

    @always_comb
    def add_bias():
        # The low eight bits of the exponent and the bias.
        biased.next = (step.exponent[8:] + EXPONENT_BIAS) & 255

    @always_comb
    def compose():
        parameter_word.next = concat(zero, biased, step.mantissa)
