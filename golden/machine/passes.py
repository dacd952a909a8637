"""The vector unit's passes: golden units cut where hardware passes over a vector more than once."""

import numpy as np

from golden.numerics import (
    FRACTION,
    Scale,
    bit_length,
    constant_scale,
    exp2_table,
    interpolate,
    normalise,
    reciprocal,
    round_shift,
    rsqrt_table,
    saturate,
)
from golden.units import kv_quantise, quantise, rms_norm

_STEP = constant_scale(1 / quantise.LEVELS)
_KV_STEP = constant_scale(1 / kv_quantise.STEPS)


def square_drop(peak):
    """Places by which values are shifted before they are squared."""
    return np.maximum(bit_length(peak) - rms_norm._SQUARED_BITS, 0)


def squares(x, drop):
    """Σ of the squares of ``x`` (…, N), shifted."""
    largest = (1 << rms_norm._SQUARED_BITS) - 1
    small = np.clip(round_shift(x, drop[..., None]), -largest, largest)
    return (small * small).sum(-1)


def inverse_root(total, drop, eps):
    """``(inverse, places)``: the unit vector is round_shift(x · inverse, places)."""
    total = np.maximum(total + (eps >> 2 * drop), 1)
    half = (bit_length(total) - 1) >> 1
    mantissa = np.where(half >= 7, total >> 2 * np.maximum(half - 7, 0), total << 2 * np.maximum(7 - half, 0))
    inverse = interpolate(rsqrt_table(), mantissa - (1 << 14), 8)
    return inverse, half + drop + FRACTION - rms_norm._UNIT_BITS


def normed(x, inverse, places, gamma, exponent):
    """rms_norm's elements of ``x`` (rows, N)."""
    unit = round_shift(x * inverse[:, None], places[:, None])
    return saturate(round_shift(unit * gamma, exponent + rms_norm._UNIT_BITS - FRACTION))


def quantise_step(peak):
    """``(step, its inverse)`` from the largest magnitude."""
    step = normalise(peak) * _STEP
    return step, reciprocal(step)


def quantised(x, inverse):
    """int8 of ``x`` by ``inverse`` (Scale of x's shape)."""
    return np.clip(round_shift(x * inverse.mantissa, inverse.exponent), -quantise.LEVELS, quantise.LEVELS).astype(
        np.int8
    )


def kv_step(low, high):
    """``(step, inverse, zero)`` of a key or value from its least and largest element (0 included)."""
    step = normalise(high - low) * _KV_STEP
    inverse = reciprocal(step)
    zero = round_shift(-low * inverse.mantissa, inverse.exponent - kv_quantise.ZERO_FRACTION)
    return step, inverse, np.clip(zero - (8 << kv_quantise.ZERO_FRACTION), -128, 112)


def kv_quantised(x, inverse, zero):
    """int4 of ``x`` by ``inverse`` and ``zero`` (of x's shape)."""
    aligned = zero << (inverse.exponent - kv_quantise.ZERO_FRACTION)
    return np.clip(round_shift(x * inverse.mantissa + aligned, inverse.exponent), -8, 7).astype(np.int8)


def numerator(largest, score):
    """softmax's 2^(score − largest), 16 fraction bits."""
    below = largest - score
    fraction = interpolate(exp2_table(), below & ((1 << FRACTION) - 1), FRACTION - 6)
    return fraction >> np.minimum(below >> FRACTION, 31)


def total_inverse(total):
    """1/total."""
    return reciprocal(normalise(total))


def scale_where(condition, a, b):
    """Scale ``a`` where ``condition``, else ``b``."""
    return Scale(np.where(condition, a.mantissa, b.mantissa), np.where(condition, a.exponent, b.exponent))
