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


def gamma_words(gamma, exponent):
    """Words (uint32) of a norm's γ (signed 18 bits) and its ``exponent`` (signed 10 bits)."""
    gamma = np.asarray(gamma, np.int64)
    return (gamma & (1 << 18) - 1 | (exponent & 1023) << 18).astype(np.uint32)


def word_gamma(words):
    """``(γ, exponent)`` in ``words`` (uint32)."""
    words = np.asarray(words, np.int64)
    return (words & (1 << 18) - 1 ^ 1 << 17) - (1 << 17), (words >> 18 & 1023 ^ 512) - 512


def word_value(words):
    """``words`` (uint32) as int32."""
    return (np.asarray(words, np.int64) ^ 1 << 31) - (1 << 31)
