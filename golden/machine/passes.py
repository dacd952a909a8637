"""The vector unit's passes: golden units cut where hardware passes over a vector more than once."""

import numpy as np

from golden.numerics import constant_scale, normalise, reciprocal, round_shift
from golden.units import kv_quantise, quantise

_STEP = constant_scale(1 / quantise.LEVELS)
_KV_STEP = constant_scale(1 / kv_quantise.STEPS)


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


def total_inverse(total):
    """1/total."""
    return reciprocal(normalise(total))
