"""The scales of heads: what is written to the table, and what is made of its entries."""

from myhdl import always_comb, concat, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record, view
from myhdl_acc.rtl.vector.arith import scale_product as product_unit
from myhdl_acc.rtl.vector.arith.scale import scale
from myhdl_acc.rtl.vector.arith.scale_product import scale_product
from myhdl_acc.rtl.vector.unit import latencies as stage
from myhdl_acc.rtl.vector.unit.head_table import ABOVE, INVERSE, NORM, SCALES_BITS, STEP, head_table

#: Cycles from an entry's number to its query.
LATENCY = stage.QUERY


@entity(outputs=("head", "query", "entry_word"))
def head_scales(clk, table, made, new_sum, constant, head, query, other_entry, entry_word):
    """``head`` (head_scales of records): entry ``table.entry``, head_table.LATENCY cycles later. ``query``: its step
    times ``constant`` and its sum, LATENCY cycles later. ``entry_word``: the parameter word of ``other_entry``, see
    head_table.

    ``table.scales`` writes what is ``made`` (made_scales) to ``table.written``: the step of a peak, or of a range, or
    the norm of squares; ``table.sum`` writes ``new_sum`` (17). One of each per cycle; no back-pressure, no reset.
    """
    write = Record(entry=table.written, scales=table.scales, sum=table.sum, new_scales=SCALES_BITS, new_sum=new_sum)
    found = Record(scales=SCALES_BITS, sum=17)
    head_table(write=write, entry=table.entry, found=found, other_entry=other_entry, parameter_word=entry_word)
    view(found.scales, INVERSE, like=scale()) >> head.inverse
    view(found.scales, ABOVE, like=head.only("zero", "drop")) >> head.only("zero", "drop")
    view(found.scales, NORM, like=head.norm) >> head.norm
    scale_product(a=view(found.scales, STEP, like=scale()), b=constant, product=query.scale)
    late = found.only("sum").delay(product_unit.LATENCY)

    @always_comb
    def choose():
        if table.from_range:
            write.new_scales.next = concat(
                made.range.zero[8:],
                made.range.inverse.exponent[10:],
                made.range.inverse.mantissa,
                made.range.step.exponent[10:],
                made.range.step.mantissa,
            )
        elif table.from_squares:
            write.new_scales.next = concat(intbv(0)[36:], made.norm.places[7:], made.norm.inverse)
        else:
            write.new_scales.next = concat(
                intbv(0)[4:],
                made.late_drop,
                made.inverse.exponent[10:],
                made.inverse.mantissa,
                made.step.exponent[10:],
                made.step.mantissa,
            )

    @always_comb
    def signed_sum():
        query.sum.next = late.sum.signed()
