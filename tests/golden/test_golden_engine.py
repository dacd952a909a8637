import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from golden.formats.matrix import PackedMatrix
from golden.operation import Operation
from golden.units.engine import execute, execute_all


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_attention_products(tokens, dims, rows, seed):
    rng = np.random.default_rng(seed)
    cached = rng.integers(-8, 8, (tokens, dims), np.int8)
    queries = rng.integers(-128, 128, (rows, dims)).astype(np.int8)
    weights = rng.integers(-128, 128, (rows, tokens)).astype(np.int8)
    scores, sums = execute_all([Operation("qk", cached, queries), Operation("pv", cached, weights)])
    assert scores.dtype == sums.dtype == np.int64
    assert (scores == np.einsum("rd,td->rt", queries.astype(int), cached.astype(int))).all()
    assert (sums == np.einsum("rt,td->rd", weights.astype(int), cached.astype(int))).all()


def test_long_attention_is_exact():
    """40,001 same-sign terms pass 2^24: single precision alone would round."""
    values = np.full((40001, 2), -8, np.int8)
    values[0, 1] = -7
    probabilities = np.full((1, 40001), 127, np.int8)
    assert execute(Operation("pv", values, probabilities)).tolist() == [[-8 * 127 * 40001, -8 * 127 * 40001 + 127]]


def test_matrix_product():
    matrix = PackedMatrix.pack("w4", np.array([[1, -8, 7]], np.int8), np.array([[200]], np.uint8))
    x = np.array([[1, 2, 3], [-128, -128, 127]], np.int8)
    assert execute(Operation("w4", matrix, x)).tolist() == [[200 * 6], [200 * (-128 + 1024 + 889)]]
