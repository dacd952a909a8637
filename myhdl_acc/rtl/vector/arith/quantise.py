"""An element of a vector becomes int8 or int4."""

from myhdl import Signal, always, always_comb, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import signed
from myhdl_acc.hdl.timed import Timed
from myhdl_acc.rtl.vector.arith.mantissa_product import mantissa_product
from myhdl_acc.rtl.vector.arith.shift_window import shift_window

#: Cycles from the operands to ``result``.
LATENCY = mantissa_product.latency + shift_window.latency + 1
_FRACTION = 4  # bits of the zero point below the unit
_WINDOW = 11  # magnitude bits with which a level and its fraction are beyond all limits


@entity(outputs=("result",), latency=LATENCY)
def quantise(clk, x, inverse, zero, narrow, result):
    """``result`` = the level of ``x`` for the step with this ``inverse``, a scale; latency 6.

    int8 if not ``narrow``: x·inverse rounded half up, limited to ±127 (golden quantise_level). int4 if ``narrow``:
    x·inverse + zero/16 rounded half up, limited to −8 … 7 (golden kv_level). ``x``: signed 32; the
    inverse's exponent is at least 4 if ``narrow``; ``zero``: signed 8; ``result``: signed 8. One element per cycle; two
    DSP48E2. No back-pressure, no reset: validity travels beside.
    """
    window, beyond = Signal(intbv(0)[_WINDOW:]), (1 << _WINDOW) - 1
    negative, overflow = Signal(bool(0)), Signal(bool(0))
    offset, sixteenths, rounded = Signal(signed(8)), Signal(signed(_WINDOW + 1)), Signal(signed(_WINDOW + 2))

    product = Signal(signed(len(x) + 16))
    mantissa_product(value=x, mantissa=inverse.mantissa, product=product)
    places = Timed(inverse.exponent).at(mantissa_product.latency)
    late_zero, late_narrow = Timed(zero).at(LATENCY - 1), Timed(narrow).at(LATENCY - 1)
    # Truncation to sixteenths changes no level: the zero point and the half that rounding adds are whole sixteenths.
    shift_window(value=product, places=places, window=window, negative=negative, overflow=overflow, fraction=_FRACTION)

    @always_comb
    def restore():
        if overflow:
            sixteenths.next = beyond
        else:
            sixteenths.next = window
        if late_narrow:
            offset.next = late_zero
        else:
            offset.next = 0

    @always_comb
    def round_half_up():
        if negative:
            rounded.next = offset - sixteenths + 7
        else:
            rounded.next = offset + sixteenths + 8

    @always(clk.posedge)
    def limit():
        if late_narrow:
            if rounded < -128:
                result.next = -8
            elif rounded > 127:
                result.next = 7
            else:
                result.next = rounded >> _FRACTION
        elif rounded < -2032:
            result.next = -127
        elif rounded > 2047:
            result.next = 127
        else:
            result.next = rounded >> _FRACTION
