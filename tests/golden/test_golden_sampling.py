"""Sampling draws from the likeliest tokens only, in the model's proportions, and repeatably."""

import numpy as np
import pytest

from golden.errors import InputError
from golden.llm.sampling import TopSampler
from golden.numerics import ONE

_PROBABILITIES = np.array([0.05, 0.5, 0.1, 0.3, 0.05])
_LOGITS = np.rint(np.log(_PROBABILITIES) * ONE).astype(np.int32)


def test_frequencies_are_those_of_the_likeliest():
    sampler = TopSampler(3, seed=1)
    drawn = np.bincount([sampler(_LOGITS) for _ in range(20000)], minlength=5) / 20000
    expected = np.where(_PROBABILITIES >= 0.1, _PROBABILITIES, 0) / 0.9
    assert drawn[[0, 4]].tolist() == [0, 0]
    assert np.abs(drawn - expected).max() < 0.015  # four standard deviations


def test_one_is_the_argmax_and_the_lower_among_equals():
    logits = np.array([3, 7, 7, -(1 << 31)], np.int32)
    assert [TopSampler(1, seed)(logits) for seed in range(20)] == [1] * 20


def test_more_than_there_are_tokens():
    sampler = TopSampler(100)
    assert {sampler(np.zeros(3, np.int32)) for _ in range(200)} == {0, 1, 2}


def test_a_seed_draws_the_same_again():
    def draw(seed):
        sampler = TopSampler(5, seed)
        return [sampler(_LOGITS) for _ in range(50)]

    assert draw(3) == draw(3) != draw(4)


def test_extreme_logits():
    logits = np.array([(1 << 31) - 1, -(1 << 31)], np.int32)
    sampler = TopSampler(2)
    assert {sampler(logits) for _ in range(50)} == {0}


def test_top_must_be_positive():
    with pytest.raises(InputError, match="top must be at least 1, not 0"):
        TopSampler(0)
