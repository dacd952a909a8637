"""The SwiGLU gate."""

from myhdl import Signal, always, always_comb, block, intbv

from golden.numerics import sigmoid_table
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.delay import delay
from myhdl_acc.hdl.record import signed
from myhdl_acc.rtl.vector.arith import interpolate as interpolation
from myhdl_acc.rtl.vector.arith import multiply as multiplier
from myhdl_acc.rtl.vector.arith import round_constant as rounder
from myhdl_acc.rtl.vector.arith.interpolate import interpolate
from myhdl_acc.rtl.vector.arith.multiply import multiply
from myhdl_acc.rtl.vector.arith.round_constant import round_constant, roundable

_SIGMOID_LATENCY = 1 + interpolation.LATENCY + 1
_SILU_LATENCY = _SIGMOID_LATENCY + multiplier.LATENCY + rounder.LATENCY
#: Cycles from gate and up to the result.
LATENCY = _SILU_LATENCY + multiplier.LATENCY + rounder.LATENCY


@entity(outputs=("result",))
def silu_mul(clk, gate, up, result):
    """``result`` = silu(``gate``) · ``up`` (golden silu_mul), all signed 32 with 16 fraction bits, saturating.

    A result every cycle, latency 16; seven DSP48E2. No back-pressure, no reset: validity travels beside.
    """
    sigmoid = Signal(intbv(0)[17:])
    late_gate, late_up = Signal(signed(32)), Signal(signed(32))
    silu = Signal(signed(32))
    weighted, product = Signal(roundable(50, 16)), Signal(roundable(64, 16))
    sigmoid_of(gate=gate, sigmoid=sigmoid)
    delay(d=gate, q=late_gate, stages=_SIGMOID_LATENCY)
    multiply(a=late_gate, b=sigmoid, product=weighted)
    round_constant(value=weighted, result=silu, places=16)
    delay(d=up, q=late_up, stages=_SILU_LATENCY)
    multiply(a=silu, b=late_up, product=product)
    round_constant(value=product, result=result, places=16)


@block
def sigmoid_of(clk, gate, sigmoid):
    """1/(1 + e^-gate), unsigned 17 with 16 fraction bits."""
    magnitude = Signal(intbv(0)[32:])
    position, falling = Signal(intbv(0)[20:]), Signal(intbv(0)[16:])
    negative, late_negative, beyond, late_beyond = (Signal(bool(0)) for _ in range(4))
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
    delay(d=negative, q=late_negative, stages=interpolation.LATENCY)
    delay(d=beyond, q=late_beyond, stages=interpolation.LATENCY)

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
