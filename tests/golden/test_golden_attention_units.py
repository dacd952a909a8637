"""attention_scores, value_probs and attention_output: against float attention over dequantised keys and values."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golden.numerics import Scale, normalise
from golden.units.attention_output import attention_output
from golden.units.attention_scores import attention_scores, query_constant
from golden.units.kv_quantise import kv_quantise
from golden.units.quantise import quantise
from golden.units.softmax import softmax, softmax_reference, value_bound
from golden.units.value_probs import value_probs


def real(scale):
    return scale.mantissa * 2.0 ** -scale.exponent.astype(float)


@settings(deadline=None, max_examples=40)
@given(st.sampled_from([32, 64, 128]), st.integers(1, 60), st.integers(1, 3), st.integers(0, 2**32 - 1))
def test_scores_take_the_zero_points_out(head_dim, tokens, rows, seed):
    rng = np.random.default_rng(seed)
    q, q_step = quantise(rng.integers(-(2**19), 2**19, (rows, head_dim)))
    keys = rng.integers(-(2**18), 2**18, (tokens, head_dim)) + rng.integers(-(2**18), 2**18, (tokens, 1))
    k, zero, k_step = kv_quantise(keys)
    dots = q.astype(np.int64) @ k.T.astype(np.int64)
    scores = attention_scores(dots, q, q_step, zero, k_step, query_constant(head_dim))
    exact_q = q * real(q_step)[:, None] / 65536
    exact_k = (k - zero[:, None] / 16) * real(k_step)[:, None] / 65536
    exact = exact_q @ exact_k.T * np.log2(np.e) / np.sqrt(head_dim)
    assert (abs(scores / 65536 - exact) <= abs(exact) * 2.0**-14 + 2.0**-16).all()


def weigh(scores, value_step):
    """``(p, total, weights, places)`` of scores (…, R, T) with value steps (…, T)."""
    bound = value_bound(scores, value_step[..., None, :]).max(-1)
    reference, places = softmax_reference(scores.max(-1), bound)
    assert (reference >= scores.max(-1)).all() and (reference < scores.max(-1) + (1 << 16)).all()
    p, total = softmax(scores, reference)
    return p, total, value_probs(p, value_step, places), places


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 200), st.integers(0, 24), st.integers(0, 21), st.integers(0, 2**32 - 1))
def test_value_probs_fold_the_steps_in(tokens, spread, height, seed):
    rng = np.random.default_rng(seed)
    value_step = normalise(rng.integers(1, 2 << spread, tokens))
    p, _, weights, places = weigh(rng.integers(-(1 << height), (1 << height) + 1, (3, tokens)), value_step)
    exact, step = p * real(value_step), 2.0 ** places[:, None]
    assert weights.min() >= 0 and (abs(weights * step - exact) <= 0.5 * step).all()
    largest = np.take_along_axis(weights, exact.argmax(-1)[:, None], -1)
    # A numerator of less than 2^10 is itself no longer exact to a level.
    assert (largest[p.max(-1) * 2.0**-10 > 1] >= 119).all()


def test_the_largest_weight_is_never_more_than_seven_bits():
    """One token with every mantissa of a step and many scores: the bound is just above or just below its product."""
    mantissa = np.arange(1 << 15, 1 << 16)
    scores = np.random.default_rng(0).integers(-(1 << 31), 1 << 31, (len(mantissa), 1, 1))
    _, _, weights, _ = weigh(scores, Scale(mantissa[:, None], np.full((len(mantissa), 1), 7)))
    assert (weights.min(), weights.max()) == (120, 127)


@pytest.mark.parametrize("apart", [0, 5 << 16, -(5 << 16), (3 << 31) // 2])
def test_weights_beside_a_tiny_value(apart):
    """A token with a small step counts as its product says, however likely it is."""
    scores = np.array([[apart - (1 << 30), -(1 << 30)]])
    value_step = normalise(np.array([1, 1 << 30]))
    p, _, weights, places = weigh(scores, value_step)
    assert np.array_equal(weights, np.floor(p * real(value_step) / 2.0**places + 0.5))
    if apart < 30 << 16:
        assert weights[0, 1] == 120 and weights[0, 0] == 0
    else:
        assert weights[0, 0] == 120 and p[0, 1] == 0


@pytest.mark.parametrize("tokens", [1, 9, 700])
def test_output(tokens):
    rng = np.random.default_rng(tokens)
    values = rng.integers(-(2**18), 2**17, (tokens, 64))
    v, zero, v_step = kv_quantise(values)
    p, total, weights, places = weigh(rng.integers(-(2**17), 2**17, (4, tokens)), v_step)
    sums = weights.astype(np.int64) @ v.astype(np.int64)
    output = attention_output(sums, weights, places, zero, total)
    folded = weights * 2.0 ** places[:, None]
    exact = (folded @ (v - zero[:, None] / 16)) / total[:, None]
    assert (abs(output - exact) <= abs(exact) * 2.0**-13 + 1).all()
    ideal = (p / total[:, None]) @ values
    assert abs(output - ideal).max() <= 0.06 * abs(values).max()
