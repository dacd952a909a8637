"""What a row knows of each head's queries, keys and values: their scales, and the sum of a query's levels."""

from myhdl import Signal, always, always_comb, block, concat, intbv

from golden.machine.parameters import EXPONENT_BIAS
from myhdl_acc.hdl.convert.entity import entity

#: Heads of a model: queries, keys and values.
ENTRIES = 256
#: Fields of an entry's scales from bit 0: step (mantissa, exponent), inverse (mantissa, exponent), zero point.
STEP_EXPONENT, INVERSE_MANTISSA, INVERSE_EXPONENT, ZERO, SCALES_BITS = 16, 26, 42, 52, 60
#: A head that is to be normed has its peak's drop (4 bits) instead of the zero point, and once its squares are added up
#: only rms_scale's inverse and places.
NORM_PLACES, NORM_BITS = 17, 24


@entity(outputs=("scales", "query_sum", "parameter_word"))
def head_table(
    clk, write, write_sum, written, new_scales, new_sum, entry, scales, query_sum, other_entry, parameter_word
):
    """ENTRIES entries; ``write`` stores ``new_scales`` (60) and ``write_sum`` ``new_sum`` (17) in entry ``written``.

    Two readers, each one cycle after its address: ``entry`` → ``scales`` and ``query_sum``; ``other_entry`` →
    ``parameter_word``, the word that goes into the cache beside the head's key or value: mantissa, exponent + 64, zero
    point (docs/accelerator.md). One access each per cycle; no reset.
    """
    kept, kept_sums = (
        [Signal(intbv(0)[SCALES_BITS:]) for _ in range(ENTRIES)],
        [Signal(intbv(0)[17:]) for _ in range(ENTRIES)],
    )
    other = Signal(intbv(0)[SCALES_BITS:])
    biased = Signal(intbv(0)[8:])

    @always(clk.posedge)
    def store():
        if write:
            kept[written].next = new_scales
        if write_sum:
            kept_sums[written].next = new_sum

    @always(clk.posedge)
    def read():
        scales.next = kept[entry]
        query_sum.next = kept_sums[entry]
        other.next = kept[other_entry]

    add_bias(scales=other, biased=biased)

    @always_comb
    def compose():
        parameter_word.next = concat(other[SCALES_BITS:ZERO], biased, other[STEP_EXPONENT:])


@block
def add_bias(scales, biased):
    """The low eight bits of the step's exponent plus the bias."""

    @always_comb
    def add():
        biased.next = (scales[24:16] + EXPONENT_BIAS) & 255
