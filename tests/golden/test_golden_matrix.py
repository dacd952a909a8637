"""PackedMatrix: packing, exactness of the fast product, errors."""

import dataclasses
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golden.errors import InputError
from golden.formats.matrix import PackedMatrix
from golden.formats.sample import random_weights


def exact_dot(weights, scale, x):
    values = weights.astype(np.int64)
    if scale is not None:
        values = values * np.repeat(scale, 32, axis=1)[:, : weights.shape[1]]
    return x.astype(np.int64) @ values.T


@pytest.mark.parametrize("kind", ["w2", "w4", "w8"])
@settings(deadline=None, max_examples=40)
@given(st.data())
def test_pack_unpack_dot(kind, data):
    rows, cols, vectors = (data.draw(st.integers(1, top)) for top in (9, 700, 4))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    weights, scale = random_weights(rng, kind, rows, cols)
    packed = PackedMatrix.pack(kind, weights, scale)
    unpacked, unpacked_scale = packed.unpack()
    assert (unpacked == weights).all()
    assert scale is None if unpacked_scale is None else (unpacked_scale == scale).all()
    x = rng.integers(-128, 128, (vectors, cols)).astype(np.int8)
    expected = exact_dot(weights, scale, x)
    assert (packed.dot(x) == expected).all()
    last = slice(rows - 2 if rows > 1 else 0, rows)
    assert (packed.integers(last) == exact_dot(weights, scale, np.eye(cols, dtype=np.int8)).T[last]).all()
    assert (dataclasses.replace(packed, keep=False).dot(x) == expected).all()


@pytest.mark.parametrize("kind", ["w2", "w4", "w8"])
def test_dot_at_the_extremes(kind):
    """Same-sign maxima over a long row: the sums pass 2^24 many times, so a careless float32 product would round."""
    rng = np.random.default_rng(5)
    weights, scale = random_weights(rng, kind, 3, 11008, extreme=True)
    x = np.full((2, 11008), -128, np.int8)
    x[1, ::3] = 127
    x[0, 17] = -127
    expected = exact_dot(weights, scale, x)
    assert abs(expected).max() > 1 << 27
    packed = PackedMatrix.pack(kind, weights, scale)
    for keep in (True, False):
        assert (dataclasses.replace(packed, keep=keep).dot(x) == expected).all()


@pytest.mark.parametrize("keep", [True, False])
def test_decoded_weights_stay_in_memory_if_they_are_kept(keep):
    weights, scale = random_weights(np.random.default_rng(2), "w2", 512, 1024)
    packed = dataclasses.replace(PackedMatrix.pack("w2", weights, scale), keep=keep)
    tracemalloc.start()
    try:
        packed.dot(np.ones((1, 1024), np.int8))
        left, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert left > 4 * weights.size if keep else left < weights.size / 4


@pytest.mark.parametrize("cols", [14090, 14100, 30000])
def test_dot_where_float32_just_holds_or_just_not(cols):
    """119 · 10 · 14,098 is 2^24: up to there one product holds a row; beyond, an odd sum shows whether it was cut."""
    weights = np.full((2, cols), 119, np.int8)
    weights[1, 5] = 118
    x = np.full((2, cols), 10, np.int8)
    x[:, -3:] = 9
    assert (PackedMatrix.pack("w8", weights).dot(x) == exact_dot(weights, None, x)).all()


def test_packing_spans_several_parts(monkeypatch):
    monkeypatch.setattr("golden.formats.matrix._CODED_AT_ONCE", 100)
    rng = np.random.default_rng(1)
    weights, scale = random_weights(rng, "w4", 10, 40)
    packed = PackedMatrix.pack("w4", weights, scale)
    x = rng.integers(-128, 128, (1, 40)).astype(np.int8)
    assert (packed.unpack()[0] == weights).all() and (packed.dot(x) == exact_dot(weights, scale, x)).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("w3", np.zeros((1, 4), np.int8)), "no weight format 'w3'"),
        (("w8", np.zeros(4, np.int8)), "shape .rows, cols"),
        (("w8", np.zeros((0, 4), np.int8)), "shape .rows, cols"),
        (("w8", np.zeros((1, 4), np.int8), np.zeros((1, 1), np.uint8)), "no block scales"),
        (("w4", np.zeros((1, 4), np.int8)), "w4: scale must be uint8 of shape .1, 1."),
        (("w2", np.zeros((1, 40), np.int8), np.zeros((1, 1), np.uint8)), "w2: scale must be uint8 of shape .1, 2."),
    ],
)
def test_pack_errors(arguments, message):
    with pytest.raises(InputError, match=message):
        PackedMatrix.pack(*arguments)


def test_constructor_and_dot_errors():
    with pytest.raises(InputError, match="atoms must be uint64"):
        PackedMatrix("w2", 2, 40, np.zeros((2, 1, 1), np.uint64))
    with pytest.raises(InputError, match="at least one row"):
        PackedMatrix("w2", 0, 40, np.zeros((0, 2, 1), np.uint64))
    with pytest.raises(InputError, match="no scales beside"):
        PackedMatrix("w8", 1, 4, np.zeros((1, 1, 4), np.uint64), np.zeros((1, 1), np.uint8))
    packed = PackedMatrix.pack("w8", np.zeros((2, 5), np.int8))
    with pytest.raises(InputError, match="x must be int8 of shape"):
        packed.dot(np.zeros((1, 6), np.int8))
    illegal = PackedMatrix("w2", 1, 32, np.full((1, 1, 1), 127, np.uint64))
    with pytest.raises(InputError, match="group code 127"):
        illegal.dot(np.zeros((1, 32), np.int8))
