"""One over a scale: a pipelined divider."""

from myhdl import Signal, always, always_comb, block, concat, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.delay import delay
from myhdl_acc.hdl.record import signed
from myhdl_acc.hdl.wiring import unused, wire

#: Cycles from the operands to the result: one, and one for each bit of the quotient after its leading one.
LATENCY = 16


@entity(outputs=("inverse",), latency=LATENCY)
def reciprocal(clk, scale, inverse):
    """``inverse`` = 1/``scale``, both scales, its exponent modulo 2^10; one per cycle, latency 16.

    Golden: reciprocal; relative error ≤ 2^-15. ⌊2^31 / mantissa⌋ by restoring division. No back-pressure, no reset:
    validity travels beside.
    """
    exponent_bits = len(scale.exponent)
    remainder, divisor, quotient = (Signal(intbv(0)[16:]) for _ in range(3))
    complement = Signal(signed(17))
    one, raised = Signal(signed(exponent_bits + 2)), Signal(signed(exponent_bits + 2))
    inverted = Signal(signed(exponent_bits))

    @always_comb
    def choose():
        if scale.mantissa[15:] == 0:
            one.next = 30
        else:
            one.next = 31

    @always_comb
    def subtract():
        complement.next = 0 - scale.mantissa
        raised.next = one - scale.exponent

    @always_comb
    def wrap():
        inverted.next = raised[exponent_bits:].signed()

    @always(clk.posedge)
    def begin():
        # The quotient's leading one: 2^16 − mantissa remains of 2^16. A mantissa of 2^15 would leave itself; its
        # quotient of 2^16 is halved, which is what a remainder of 0 makes of it.
        remainder.next = complement[15:]
        divisor.next = scale.mantissa
        quotient.next = 1

    before = remainder, divisor, quotient
    for _ in range(LATENCY - 1):
        after = [Signal(intbv(0)[16:]) for _ in range(3)]
        divide(
            remainder=before[0],
            divisor=before[1],
            quotient=before[2],
            next_remainder=after[0],
            next_divisor=after[1],
            next_quotient=after[2],
        )
        before = after
    unused(*before)
    delay(d=inverted, q=inverse.exponent, stages=LATENCY)
    wire(before[2], inverse.mantissa)


@block
def divide(clk, remainder, divisor, quotient, next_remainder, next_divisor, next_quotient):
    """One more bit of the quotient."""
    left = Signal(signed(18))

    @always_comb
    def subtract():
        left.next = concat(remainder, False) - divisor

    @always(clk.posedge)
    def step():
        next_divisor.next = divisor
        if left < 0:
            next_quotient.next = concat(quotient[15:], False)
            next_remainder.next = concat(remainder[15:], False)
        else:
            next_quotient.next = concat(quotient[15:], True)
            next_remainder.next = left[16:]
