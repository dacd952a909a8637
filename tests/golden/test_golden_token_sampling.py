"""Sampled tokens against the softmax of the logits, over positions and over seeds."""

import numpy as np
import pytest

from golden.errors import InputError
from golden.numerics import ONE
from golden.units.argmax import argmax
from golden.units.sampling import GREEDY, Sampling, position_key

POSITIONS = np.arange(3000)


def logits_of(vocab, spread, seed=0):
    return (np.random.default_rng(seed).normal(0, spread, vocab) * ONE).astype(np.int32)


def tokens_at(sampling, logits, positions):
    """A token for each position."""
    return argmax(sampling.scores(logits, positions, np.arange(len(logits))))


def chi_square(tokens, probability):
    """In standard deviations from its mean; rare tokens together."""
    order = np.argsort(probability)
    rare = np.cumsum(probability[order]) * len(tokens) < 20
    group = np.zeros(len(probability), int)
    group[order] = np.maximum(np.cumsum(~rare), 0)
    expected = np.bincount(group, probability) * len(tokens)
    found = np.bincount(group[tokens], minlength=len(expected))
    kept = expected >= 5
    statistic = ((found - expected)[kept] ** 2 / expected[kept]).sum()
    freedom = kept.sum() - 1
    return (statistic - freedom) / np.sqrt(2 * freedom)


def softmax(logits, temperature):
    weights = np.exp((logits - logits.max()) / ONE / temperature)
    return weights / weights.sum()


@pytest.mark.parametrize("temperature", [0.25, 0.7, 1.0, 1.5, 6.0])
@pytest.mark.parametrize(("vocab", "spread"), [(2, 1), (37, 2), (300, 3)])
def test_as_often_as_softmax_says(temperature, vocab, spread):
    logits = logits_of(vocab, spread)
    tokens = tokens_at(Sampling.of(temperature, seed=11), logits, POSITIONS)
    assert abs(chi_square(tokens, softmax(logits, temperature))) < 3.5


def test_over_seeds():
    """Seeds next to each other at one position."""
    logits = logits_of(5, 1)
    tokens = [Sampling.of(1.0, seed).token(logits, 5) for seed in range(800)]
    assert abs(chi_square(np.array(tokens), softmax(logits, 1))) < 3.5


@pytest.mark.parametrize("other", [(0, 1), (1, 0), (1, -1), (1 << 63, 0)])
def test_neighbours_are_independent(other):
    """Pairs of tokens: of neighbouring positions, of neighbouring seeds."""
    logits, (seed, position) = logits_of(4, 0.5), other
    places = POSITIONS[1::2]
    first = tokens_at(Sampling.of(1.0, 3), logits, places)
    second = tokens_at(Sampling.of(1.0, 3 + seed), logits, places + position)
    single = softmax(logits, 1)
    assert abs(chi_square(4 * first + second, np.outer(single, single).ravel())) < 3.5


def test_keys_differ():
    keys = np.concatenate([position_key(seed, np.arange(1000)) for seed in range(20)])
    assert len(np.unique(keys)) == len(keys)


def test_a_token_depends_on_logits_seed_and_position_alone():
    logits, sampling = logits_of(1000, 2), Sampling.of(1.0, 1)
    assert [sampling.token(logits, 9) for _ in range(3)] == [sampling.token(logits, 9)] * 3
    tokens = np.arange(300, 400)
    part = sampling.scores(logits[tokens], 9, tokens)
    assert np.array_equal(part, sampling.scores(logits, 9, np.arange(1000))[tokens])


def test_temperature_0_is_the_largest_and_the_lowest_among_equals():
    logits = np.array([5, 9, 9, -2, 9], np.int32)
    assert [Sampling.of(0, seed).token(logits, 3) for seed in range(20)] == [1] * 20
    assert GREEDY.token(logits, 0) == argmax(logits)


def test_a_low_temperature_is_almost_greedy():
    logits = np.array([0, 2 * ONE, 3 * ONE], np.int32)
    assert {Sampling.of(0.05, seed).token(logits, 3) for seed in range(50)} == {2}


def test_saturates():
    logits = np.array([(1 << 31) - 1, (1 << 31) - 2], np.int32)
    assert Sampling.of(15.9, 1).scores(logits, 0, np.arange(2)).tolist() == [(1 << 31) - 1] * 2


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Sampling.of(16, 0), "temperature is 16, it must be from 0 to below 16"),
        (lambda: Sampling.of(-0.5, 0), "temperature is -0.5"),
        (lambda: Sampling.of(float("nan"), 0), "temperature is nan"),
        (lambda: Sampling.of(1, 1 << 64), "seed is 18446744073709551616, it must be from 0 to 18446744073709551615"),
        (lambda: Sampling.of(1, -1), "seed is -1"),
        (lambda: Sampling(1 << 16, 0), "temperature is 65536"),
    ],
)
def test_out_of_range(make, message):
    with pytest.raises(InputError, match=message):
        make()


def test_rounding_of_the_temperature():
    assert Sampling.of(0.7).temperature == 2867
    assert Sampling.of(1e-9).temperature == 1
    assert Sampling.of(15.9999).temperature == (1 << 16) - 1
