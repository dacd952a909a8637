"""What a column can make of an index: its datapaths, a row each.

An instruction names one in its row (instructions.py). A new one is a function here and a row of ``DATAPATHS``.
"""

from collections.abc import Callable
from dataclasses import dataclass

from myhdl import Signal

from myhdl_acc.hdl.record import Record, signed, view
from myhdl_acc.rtl.vector.arith import residual_add, rms_gain, rms_unit, rope, silu_mul
from myhdl_acc.rtl.vector.unit import latencies as stage


@dataclass(frozen=True)
class Datapath:
    """``make(at)`` creates its blocks in a column and gives the signal of its value (s32), an index per cycle.

    ``latency``: cycles from the operands to the value. Of these ``at`` has ``x``, the word of memory, and the lane's
    ``parameter`` (32); ``gain`` (s6) of row_scales is always there. After rms_unit's latency it has ``unit`` (s26) and
    ``late_parameter``. SUM_LATENCY cycles after the operands it has ``late_x`` and ``y``, the requantised sum (s32).
    After rope's latency it has ``rotated`` (s32). Where a token does not count, 0 is written instead, or nothing.
    """

    make: Callable
    latency: int


def parameter(at):
    """The parameter as int32."""
    return view(at.parameter, {"value": (0, 32)}, like=Record(value=signed(32))).value


def added(at):
    """The word plus the requantised sum."""
    value = Signal(signed(32))
    residual_add.residual_add(x=at.late_x, y=at.y, result=value)
    return value


def gated(at):
    """silu of the word, times the requantised sum."""
    value = Signal(signed(32))
    silu_mul.silu_mul(gate=at.late_x, up=at.y, result=value)
    return value


def normed(at):
    """The unit of the word times γ, which is the parameter with its exponent."""
    value = Signal(signed(32))
    places = {"gamma": (0, 18), "exponent": (18, 10)}
    weight = view(at.late_parameter, places, like=Record(gamma=signed(18), exponent=signed(10)))
    rms_gain.rms_gain(unit=at.unit, gamma=weight.gamma, exponent=weight.exponent, places=at.gain, y=value)
    return value


#: Cycles from the operands to the requantised sum: its path begins with the result, before the word is read.
SUM_LATENCY = stage.REQUANTISED - stage.READ

#: By name; the place in the table is the code of the flag ``select``.
DATAPATHS = {
    "parameter": Datapath(parameter, 0),
    "requantised": Datapath(lambda at: at.y, SUM_LATENCY),
    "added": Datapath(added, SUM_LATENCY + residual_add.LATENCY),
    "gated": Datapath(gated, SUM_LATENCY + silu_mul.LATENCY),
    "normed": Datapath(normed, rms_unit.LATENCY + rms_gain.LATENCY),
    "rotated": Datapath(lambda at: at.rotated, rope.LATENCY),
    "operand": Datapath(lambda at: at.x, 0),
}
