"""The roundings of floats are the units' own: what their integers stand for, to a small part of a level."""

import numpy as np
import pytest

from golden.llm import rounding
from golden.numerics import ONE, constant_scale
from golden.units.kv_quantise import kv_quantise
from golden.units.quantise import quantise
from golden.units.softmax import softmax, softmax_reference, value_bound
from golden.units.value_probs import value_probs


def real(scale):
    return np.ldexp(scale.mantissa.astype(float), -scale.exponent)


def share_apart(ours, units, step):
    """The share of elements that are more than 2 % of a level from the units'. None may be more than one level."""
    difference = abs(ours - units) / step
    assert difference.max() < 1.01
    return (difference > 0.02).mean()


def weighed(scores, value_step):
    """The units' numerators of real ``scores`` (…, R, T), their weights, and the weights' step."""
    scores = np.rint(scores * ONE).astype(np.int64)
    bound = value_bound(scores, value_step[..., None, :]).max(-1)
    reference, places = softmax_reference(scores.max(-1), bound)
    p, _ = softmax(scores, reference)
    return p.astype(float), value_probs(p, value_step, places), np.exp2(places)


@pytest.fixture(scope="module")
def vectors():
    """Of many magnitudes and offsets, some of one sign, some with only two values, one of zeros."""
    rng = np.random.default_rng(0)
    x = np.rint((rng.normal(size=(300, 64)) + rng.normal(size=(300, 1))) * 2.0 ** rng.uniform(8, 24, (300, 1)))
    x[:40] = abs(x[:40])
    x[40:80] = -abs(x[40:80])
    x[80:90] = np.where(x[80:90] > 0, x[80:90, :1], 0)
    x[90] = 0
    return x


def test_int8(vectors):
    levels, step = quantise(vectors.astype(np.int64))
    assert share_apart(rounding.int8(vectors), levels * real(step)[:, None], real(step)[:, None]) < 1e-3


def test_int4(vectors):
    levels, zero, step = kv_quantise(vectors.astype(np.int64))
    ours, our_step = rounding.int4(vectors)
    assert share_apart(ours, (levels - zero[:, None] / 16) * real(step)[:, None], real(step)[:, None]) < 1e-2
    nonzero = vectors.any(-1)
    assert our_step[nonzero] == pytest.approx(real(step)[nonzero], rel=2**-14)


def test_value_probs():
    """With value steps that differ a hundredfold: the weights of small values are far coarser than p alone would be."""
    rng = np.random.default_rng(1)
    value_step = constant_scale(np.exp(rng.normal(size=(5, 60)) * 2))
    p, weights, step = weighed(rng.normal(size=(5, 3, 60)) * 4, value_step)
    ours = rounding.value_probs(p, real(value_step)) * real(value_step)[:, None]
    assert share_apart(ours, weights * step[..., None], step[..., None]) < 2e-2


def test_float32_stays_and_zeros_are_zeros():
    x = np.zeros((2, 3), np.float32)
    rounded, step = rounding.int4(x)
    for result in (rounding.int8(x), rounded, rounding.value_probs(x, step[None, 0].repeat(3))):
        assert result.dtype == np.float32 and not result.any()
