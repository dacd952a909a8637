"""The integer decoder's roundings in floats: the real numbers that its units' integers stand for.

The units' own 16-bit scales, a relative 2^-15, are not modelled; nor is which way a value exactly between two levels
goes.
"""

import numpy as np

from golden.units.kv_step import STEPS, ZERO_FRACTION
from golden.units.quantise_step import LEVELS
from golden.units.softmax import BOUND_LEVEL

_SMALLEST = np.finfo(np.float32).tiny  # of a step: a vector of zeros has one, too


def int8(x):
    """``x`` (…, N) with one step per vector, 127 of them to its largest magnitude (golden.units.quantise)."""
    step = np.maximum(np.abs(x).max(-1, keepdims=True) / LEVELS, _SMALLEST)
    return np.rint(x / step) * step


def int4(x):
    """``(x (…, D) with a step and zero point per vector, step (…))`` (golden.units.kv_quantise)."""
    low, high = np.minimum(x.min(-1, keepdims=True), 0), np.maximum(x.max(-1, keepdims=True), 0)
    step = np.maximum((high - low) / STEPS, _SMALLEST)
    fraction = 1 << ZERO_FRACTION
    zero = np.rint(-low / step * fraction) / fraction
    return (np.clip(np.rint(x / step + zero), 0, STEPS) - zero) * step, step[..., 0]


def value_probs(p, value_step):
    """``p`` (…, R, T) as the int8 weights of values with ``value_step`` (…, T): each is rounded with its value's step
    folded in (golden.units.value_probs).
    """
    folded = value_step[..., None, :]
    step = np.maximum((p * power_below(folded)).max(-1, keepdims=True) / BOUND_LEVEL, _SMALLEST)
    return np.rint(p * folded / step) * step / folded


def power_below(x):
    """``x`` > 0 with the mantissa 1 + y as 2^y (golden.units.softmax.value_bound): at most 6 % less."""
    mantissa, exponent = np.frexp(x)
    return np.exp2(exponent + 2 * mantissa - 2).astype(x.dtype)
