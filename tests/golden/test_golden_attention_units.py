"""attention_scores, value_probs and attention_output: against float attention over dequantised keys and values."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golden.numerics import normalise
from golden.units.attention_output import attention_output
from golden.units.attention_scores import attention_scores, query_constant
from golden.units.kv_quantise import kv_quantise
from golden.units.quantise import quantise
from golden.units.softmax import softmax
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


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 200), st.integers(0, 24), st.integers(0, 2**32 - 1))
def test_value_probs_fold_the_steps_in(tokens, spread, seed):
    rng = np.random.default_rng(seed)
    p, _ = softmax(rng.integers(-(2**19), 2**19, (3, tokens)))
    value_step = normalise(rng.integers(1, 2 << spread, tokens))
    weights, step = value_probs(p, value_step)
    exact = p * real(value_step)
    assert weights.min() >= 0 and (weights.max(-1) == 127).all()
    assert (abs(weights * real(step)[:, None] - exact) <= 0.51 * real(step)[:, None]).all()


def test_weights_of_nothing_but_a_tiny_value():
    """A token whose step is 2^30 times smaller than another's contributes nothing, and nothing breaks."""
    weights, _ = value_probs(np.array([[65536, 65536]]), normalise(np.array([1, 1 << 30])))
    assert weights.tolist() == [[0, 127]]


@pytest.mark.parametrize("tokens", [1, 9, 700])
def test_output(tokens):
    rng = np.random.default_rng(tokens)
    p, total = softmax(rng.integers(-(2**17), 2**17, (4, tokens)))
    values = rng.integers(-(2**18), 2**17, (tokens, 64))
    v, zero, v_step = kv_quantise(values)
    weights, step = value_probs(p, v_step)
    sums = weights.astype(np.int64) @ v.astype(np.int64)
    output = attention_output(sums, weights, step, zero, total)
    folded = weights * real(step)[:, None]
    exact = (folded @ (v - zero[:, None] / 16)) / total[:, None]
    assert (abs(output - exact) <= abs(exact) * 2.0**-13 + 1).all()
    ideal = (p / total[:, None]) @ values
    assert abs(output - ideal).max() <= 0.06 * abs(values).max()
