"""The arithmetic that all integer units share: fixed point, scales, rounding, tables.

Fixed point: between the engine and the int8 quantiser every value is an int32 with ``FRACTION`` = 16 fraction bits
(±32,768 in steps of 1.5e-5), saturating. Rounding is half up everywhere: add half, shift right arithmetically.

A *scale* is ``mantissa · 2^-exponent`` with a 16-bit mantissa in 2^15 … 2^16−1: a real number to a relative 2^-16 in a
form that costs a multiplication and a shift.

The tables are computed once from the formulas in their functions; what RTL reads from ROM is exactly these integers.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

FRACTION = 16  #: fraction bits of the vector unit's int32
ONE = 1 << FRACTION
MANTISSA_BITS = 16


@dataclass(frozen=True, eq=False)
class Scale:
    """Real numbers ``mantissa · 2^-exponent``: two int64 arrays of one shape, mantissas in 2^15 … 2^16−1."""

    mantissa: np.ndarray
    exponent: np.ndarray

    def __getitem__(self, index):
        return Scale(self.mantissa[index], self.exponent[index])

    def __mul__(self, other):
        """The product, rounded to 16 bits: one 16×16 multiplication and a normalisation by at most two places."""
        # In 32 bits, unsigned, which the product just fits: numpy is three times as fast as in 64.
        product = np.multiply(self.mantissa, other.mantissa, dtype=np.uint32, casting="unsafe")  # 2^30 … 2^32
        double = product >> (2 * MANTISSA_BITS - 1)
        product = product << (double ^ 1)  # 2^31 … 2^32
        mantissa = (product >> (MANTISSA_BITS - 1)) + 1 >> 1
        carry = mantissa >> MANTISSA_BITS  # rounded up to 2^16: halve
        mantissa -= carry << (MANTISSA_BITS - 1)
        exponent = self.exponent + other.exponent - (MANTISSA_BITS - 1)
        return Scale(mantissa.astype(np.int64), exponent - (double + carry))

    def shifted(self, places):
        """This scale times 2^places."""
        return Scale(self.mantissa, self.exponent - places)


def bit_length(value):
    """Bits of ``value`` (int64, 0 … 2^62): 0 for 0, else 1 + floor(log2). A leading-one detector in hardware."""
    value = np.asarray(value, np.int64)
    # frexp finds the leading one fast; above 2^53 the conversion may round up to the next power of two, hence the
    # check.
    bits = np.frexp(value.astype(np.float64))[1].astype(np.int64)
    return bits - (value < np.left_shift(1, np.maximum(bits - 1, 0)) * (bits > 0))


def round_shift(value, places):
    """``value · 2^-places`` rounded half up, for places −31 … 62; a left shift saturates at ±2^31 before it shifts.

    Units keep |value| < 2^62, so that adding half cannot overflow.
    """
    value, places = np.asarray(value, np.int64), np.asarray(places, np.int64)
    if places.size and places.min() < 0:
        limited = np.minimum(np.maximum(value, -(1 << 31)), 1 << 31)
        left = limited << np.minimum(np.maximum(-places, 0), 31)
        return np.where(places < 0, left, round_shift(value, np.maximum(places, 0)))
    right = np.minimum(places, 62)
    return (value + (np.left_shift(1, right) >> 1)) >> right


def saturate(value, bits=32):
    """``value`` limited to a signed ``bits``-bit integer, as int64."""
    return np.minimum(np.maximum(value, -(1 << (bits - 1))), (1 << (bits - 1)) - 1)


def fixed(values):
    """Real ``values`` as int32 with FRACTION fraction bits, saturated: (…) int64."""
    return saturate(np.floor(np.asarray(values, np.float64) * ONE + 0.5).astype(np.int64))


def normalise(value):
    """The Scale nearest to the integers ``value`` ≥ 0; 0 counts as 1, so that every scale has a reciprocal."""
    value = np.maximum(np.asarray(value, np.int64), 1)
    places = bit_length(value) - MANTISSA_BITS
    right = np.maximum(places, 0)
    mantissa = (value << np.maximum(-places, 0)) + (np.left_shift(1, right) >> 1) >> right
    carry = mantissa >> MANTISSA_BITS  # rounded up to 2^16: halve
    return Scale(mantissa >> carry, -places - carry)


def constant_scale(value):
    """The Scale nearest to the positive floats ``value`` (compile time: constants and weights' multipliers)."""
    fraction, exponent = np.frexp(np.asarray(value, np.float64))
    mantissa = np.floor(fraction * (1 << MANTISSA_BITS) + 0.5).astype(np.int64)
    carried = mantissa == 1 << MANTISSA_BITS
    return Scale(
        np.where(carried, 1 << (MANTISSA_BITS - 1), mantissa),
        (MANTISSA_BITS - exponent - carried).astype(np.int64),
    )


def reciprocal(scale):
    """1/scale by one exact division of 2^31 by a 16-bit mantissa (in hardware a divider of 15 stages)."""
    inverse = normalise((1 << 31) // scale.mantissa)
    return Scale(inverse.mantissa, inverse.exponent + 31 - scale.exponent)


def interpolate(table, position, fraction_bits):
    """Linear interpolation: ``table`` at the fixed-point ``position`` with ``fraction_bits`` bits, rounded half up."""
    index = position >> fraction_bits
    low = table[index]
    return low + round_shift((table[index + 1] - low) * (position & ((1 << fraction_bits) - 1)), fraction_bits)


def _rounded(values):
    return np.floor(values + 0.5).astype(np.int64)


@cache
def numerator_table():
    """15/16 · 2^-f for f = 0, 1/64 … 1 with 16 fraction bits: 65 entries of 16 bits."""
    return _rounded(np.exp2(-np.arange(65) / 64) * (ONE * 15 // 16))


@cache
def rsqrt_table():
    """1/√m for m = 1, 1 + 1/64 … 4 with 16 fraction bits: 193 entries of 17 bits."""
    return _rounded(ONE / np.sqrt(1 + np.arange(193) / 64))


@cache
def sine_table():
    """sin over a quarter turn in 256 steps with 16 fraction bits: 257 entries of 17 bits."""
    return _rounded(np.sin(np.arange(257) * np.pi / 512) * ONE)


@cache
def sigmoid_table():
    """1/(1+e^x) for x = 0, 1/32 … 16 with 16 fraction bits: 513 entries of 16 bits."""
    return _rounded(ONE / (1 + np.exp(np.arange(513) / 32)))
