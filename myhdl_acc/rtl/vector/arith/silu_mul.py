"""The SwiGLU gate."""

from myhdl import Signal, always, always_comb, block, intbv

from golden.numerics import sigmoid_table
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import signed
from myhdl_acc.hdl.timed import Timed, apply
from myhdl_acc.rtl.vector.arith.interpolate import interpolate
from myhdl_acc.rtl.vector.arith.multiply import multiply, multiply_wide
from myhdl_acc.rtl.vector.arith.round_constant import round_constant, roundable

_SIGMOID_LATENCY = 1 + interpolate.latency + 1
#: Cycles from gate and up to the result.
LATENCY = _SIGMOID_LATENCY + multiply.latency + multiply_wide.latency + 2 * round_constant.latency


@entity(outputs=("result",), latency=LATENCY)
def silu_mul(clk, gate, up, result):
    """``result`` = silu(``gate``) · ``up`` (golden silu_mul), all signed 32 with 16 fraction bits, saturating.

    A result every cycle, latency 17; seven DSP48E2. No back-pressure, no reset: validity travels beside.
    """
    gate, up = Timed(gate), Timed(up)
    sigmoid = apply(sigmoid_of, gate=gate, sigmoid=Signal(intbv(0)[17:]))
    weighted = apply(multiply, a=gate, b=sigmoid, product=Signal(roundable(50, 16)))
    silu = apply(round_constant, value=weighted, result=Signal(signed(32)), places=16)
    product = apply(multiply_wide, a=silu, b=up, product=Signal(roundable(64, 16)))
    apply(round_constant, value=product, result=result, places=16).expect(LATENCY)


@block(latency=_SIGMOID_LATENCY)
def sigmoid_of(clk, gate, sigmoid):
    """1/(1 + e^-gate), unsigned 17 with 16 fraction bits."""
    magnitude = Signal(intbv(0)[32:])
    position, falling = Signal(intbv(0)[20:]), Signal(intbv(0)[16:])
    negative, beyond = Signal(bool(0)), Signal(bool(0))
    one = 1 << 16

    @always(clk.posedge)
    def absolute():
        negative.next = gate[31]
        if gate[31]:
            magnitude.next = -gate
        else:
            magnitude.next = gate

    @always_comb
    def limit():
        # The table ends at a magnitude of 16.
        position.next = magnitude[20:]
        beyond.next = magnitude[32:20] != 0

    interpolate(position=position, value=falling, table=sigmoid_table(), fraction_bits=11)
    late_negative, late_beyond = (Timed(flag).at(interpolate.latency) for flag in (negative, beyond))

    @always(clk.posedge)
    def complement():
        if late_negative:
            if late_beyond:
                sigmoid.next = 0
            else:
                sigmoid.next = falling
        elif late_beyond:
            sigmoid.next = one
        else:
            sigmoid.next = one - falling
