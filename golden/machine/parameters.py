"""Parameter words: a scale and a zero point in 32 bits (docs/accelerator.md)."""

import numpy as np

from golden.numerics import Scale

EXPONENT_BIAS = 64


def parameter_words(scale, zero=0):
    """Words (uint32) of a Scale and zero points (int8)."""
    exponent = np.asarray(scale.exponent, np.int64) + EXPONENT_BIAS
    return (scale.mantissa | exponent << 16 | (np.asarray(zero, np.int64) & 255) << 24).astype(np.uint32)


def word_scale(words):
    """The Scale in ``words`` (uint32)."""
    words = np.asarray(words, np.int64)
    return Scale(words & 0xFFFF, (words >> 16 & 255) - EXPONENT_BIAS)


def word_zero(words):
    """The zero point in ``words`` (uint32)."""
    return (np.asarray(words, np.int64) >> 24 ^ 128) - 128


def word_value(words):
    """``words`` (uint32) as int32."""
    return (np.asarray(words, np.int64) ^ 1 << 31) - (1 << 31)
