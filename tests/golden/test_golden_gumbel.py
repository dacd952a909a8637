"""Gumbel noise against its formula and its distribution, over all that its bits can say."""

import numpy as np

from golden.numerics import ONE
from golden.units.gumbel import NOISE_BITS, OCTAVE_BITS, OFFSET, PLACE_BITS, gumbel, gumbel_table, table_position

CELLS = 1 << PLACE_BITS


def every_cell():
    """(random, u, probability) of every octave and place of both halves: a word that says it, the middle of the cell,
    how often its bits come."""
    half, octave, place = (part.ravel() for part in np.indices((2, OCTAVE_BITS + 1, CELLS)))
    leading = np.where(octave < OCTAVE_BITS, np.left_shift(1, OCTAVE_BITS - 1) >> octave, 0)
    random = half << 31 | leading << PLACE_BITS | place
    distance = 2.0 ** (-1 - octave) * (1 - (place + 0.5) / CELLS / 2)
    zeros = np.minimum(octave + 1, OCTAVE_BITS)  # bits that must be what they are
    return random, np.where(half, distance, 1 - distance), 2.0 ** -(1 + zeros) / CELLS


def test_every_cell_is_close_to_the_formula():
    random, u, _ = every_cell()
    noise = gumbel(random)
    exact = OFFSET - np.log(-np.log(u))
    assert np.abs(noise / ONE - exact).max() <= 2**-11
    assert noise.min() / ONE >= 0.23 and noise.max() / ONE <= 18.95
    assert int(noise.max()).bit_length() <= NOISE_BITS


def test_noise_falls_from_one_end_to_the_other():
    random, u, _ = every_cell()
    assert (np.diff(gumbel(random[np.argsort(-u, kind="stable")])) <= 0).all()
    assert (np.diff(gumbel_table()) <= 0).all()
    assert len(np.unique(table_position(random))) == len(random)


def test_the_distribution_is_gumbels():
    random, _, probability = every_cell()
    noise = gumbel(random)
    order = np.argsort(noise)
    assert probability.sum() == 1
    reached = np.cumsum(probability[order])
    assert np.abs(reached - np.exp(-np.exp(OFFSET - noise[order] / ONE))).max() < 2e-4


def test_tails():
    """How often noise is above a bound, relative to what should be, up to where the last octave begins."""
    random, _, probability = every_cell()
    noise = gumbel(random) / ONE - OFFSET
    for bound in range(15):
        above = probability[noise > bound].sum()
        assert abs(above / -np.expm1(-np.exp(-bound)) - 1) < 2e-3


def test_bits_below_the_first_one_do_not_count():
    assert gumbel(0b0_0001_0000_0000_0000_0000_0000_0000_000 | 5) == gumbel(
        0b0_0001_1010_1101_1111_1100_0000_0000_000 | 5
    )
