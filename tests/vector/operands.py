"""Operands for the vector unit's blocks, and the comparison of what comes out."""

import numpy as np
from unit_bench import run_unit

from myhdl_acc.stream.scoreboard import check_words


def numbers(rng, bits, count):
    """Signed numbers of every magnitude, half of them within two of a power of two; both extremes are among them."""
    magnitude = np.left_shift(1, rng.integers(0, bits, count))
    near_power = magnitude + rng.integers(-2, 3, count)
    scattered = magnitude + (rng.random(count) * magnitude).astype(np.int64)
    values = np.where(rng.random(count) < 0.5, near_power, scattered) * rng.choice([-1, 1], count)
    values[:4] = [-(1 << (bits - 1)), (1 << (bits - 1)) - 1, 0, -1]
    return rng.permutation(np.clip(values, -(1 << (bits - 1)), (1 << (bits - 1)) - 1))


def naturals(rng, bits, count):
    """The same for unsigned numbers."""
    values = numbers(rng, bits + 1, count)
    return np.where(values < 0, ~values, values)


def check(unit, operands, results, words, wanted, backend, seed=None):
    """Runs ``words`` through ``unit`` as run_unit does, and compares every result with ``wanted``."""
    check_words(run_unit(unit, operands, results, words, backend, seed), wanted)
