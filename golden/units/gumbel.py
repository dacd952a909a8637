"""Gumbel noise: what is added to logits so that the largest one is a sample of their softmax."""

from functools import cache

import numpy as np

from golden.numerics import ONE, interpolate

#: Of 32 random bits: the uppermost says which half of the distribution; then come those whose leading zeros are the
#: octave; the others are the place within it.
OCTAVE_BITS, PLACE_BITS = 21, 10
FRACTION_BITS = 6  #: of a place, between two entries of the table
_OCTAVES = 32  #: numbers that the table has room for; the last ones do not occur
OFFSET = 3  #: keeps noise positive; the largest of a sum does not depend on it
NOISE_BITS = 21


def gumbel(random):
    """``random`` (…) of 32 bits, int64 → 3 − ln(−ln u), int64 of 21 bits with 16 fraction bits.

    u is uniform in 0 … 1: below 1/2 with an upper bit of 1, else above. The distance from the nearer end lies in octave
    k, 2^-(k+2) … 2^-(k+1), with k leading zeros (0 … 21); the place, counted from 1/2 on, divides the octave into 1,024
    equal cells, whose middles are taken. Noise falls with u's way from 1 to 0: a table of 16 entries an octave with
    linear interpolation. It is within 2^-11 of the formula (tests/golden/test_golden_gumbel.py), between 0.23 and
    18.95; what would lie beyond 2^-22 of either end lies in the last octave.
    """
    return interpolate(gumbel_table(), table_position(np.asarray(random, np.int64)), FRACTION_BITS)


def table_position(random):
    """Where the table is read: 16 bits, the lower 6 between two entries."""
    zeros = np.zeros_like(random)
    found = np.zeros(random.shape, bool)
    for bit in reversed(range(PLACE_BITS, PLACE_BITS + OCTAVE_BITS)):
        found |= (random >> bit & 1).astype(bool)
        zeros += ~found
    outward = zeros << PLACE_BITS | random & ((1 << PLACE_BITS) - 1)
    middle = _OCTAVES << PLACE_BITS
    return np.where(random >> 31, middle + outward, middle - 1 - outward)


@cache
def gumbel_table():
    """1,025 entries of 21 bits, 16 fraction bits, from the largest noise to the smallest."""
    cells = _OCTAVES << PLACE_BITS
    # From the middle of the table, where u is 1/2, to the middle of the cell at which an entry lies.
    away = (np.arange(2 * _OCTAVES * (1 << PLACE_BITS - FRACTION_BITS) + 1) << FRACTION_BITS) + 0.5 - cells
    octave, place = np.divmod(np.minimum(np.abs(away) / (1 << PLACE_BITS), OCTAVE_BITS + 1.5), 1)
    distance = np.exp2(-1 - octave) * (1 - place / 2)
    waiting = np.where(away > 0, -np.log(distance), -np.log1p(-distance))
    return np.floor((OFFSET - np.log(waiting)) * ONE + 0.5).astype(np.int64)
