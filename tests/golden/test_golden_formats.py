"""The 64-bit atoms against docs/formats.md, read bit by bit."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golden.errors import InputError
from golden.formats import kv4, w2, w4, w8

seeds = st.integers(0, 2**32 - 1)


def sparse_weights(rng, shape):
    """Random legal w2 weights (*shape, 32): zero, one or two non-zero in each group of four."""
    weights = rng.choice(np.array([-3, -1, 1, 3], np.int8), (*shape, 8, 4))
    order = rng.random(weights.shape).argsort(-1)
    kept = rng.integers(0, 3, (*shape, 8, 1))
    return np.where(order < kept, weights, 0).astype(np.int8).reshape(*shape, 32)


def signed(value, bits):
    return value - (1 << bits) if value >> (bits - 1) else value


def w2_code(group):
    """The code of four weights, from the table of docs/formats.md."""
    index = {1: 0, 3: 1, -1: 2, -3: 3}
    kept = [position for position in range(4) if group[position]]
    if not kept:
        return 112
    if len(kept) == 1:
        return 96 + 4 * kept[0] + index[group[kept[0]]]
    pair = list(combinations(range(4), 2)).index(tuple(kept))
    return 16 * pair + 4 * index[group[kept[0]]] + index[group[kept[1]]]


def test_w2_worked_example():
    weights = np.zeros(32, np.int8)
    weights[:4] = 0, 3, 0, -1
    assert int(w2.encode(weights, np.uint8(10))) == 0x0AE1C3870E1C3846


@settings(deadline=None, max_examples=30)
@given(seeds)
def test_w2_bits(seed):
    rng = np.random.default_rng(seed)
    weights = sparse_weights(rng, (3,))
    scale = rng.integers(0, 256, 3, np.uint8)
    for atom, values, u8 in zip(w2.encode(weights, scale).tolist(), weights.tolist(), scale.tolist(), strict=True):
        assert atom >> 56 == u8
        for group in range(8):
            assert atom >> 7 * group & 127 == w2_code(values[4 * group : 4 * group + 4])


def test_w2_round_trip_of_every_code():
    code = np.arange(113, dtype=np.uint64)
    atoms = code | code[::-1] << np.uint64(49) | np.uint64(112 * (1 << 7)) | np.uint64(7) << np.uint64(56)
    weights, scale = w2.decode(atoms)
    assert (w2.encode(weights, scale) == atoms).all() and (scale == 7).all()
    assert len({tuple(row) for row in weights[:, :4].tolist()}) == 113


@pytest.mark.parametrize("code", range(113, 128))
def test_w2_refuses_illegal_codes(code):
    atom = np.array([0x0AE1C3870E1C3846], np.uint64) & ~np.uint64(127 << 14) | np.uint64(code << 14)
    with pytest.raises(InputError, match=f"group code {code}"):
        w2.decode(atom)


@pytest.mark.parametrize(
    "group", [(1, 1, 1, 0), (3, -3, 0, 1), (2, 0, 0, 0), (0, -2, 0, 1), (4, 0, 0, 0), (0, -128, 0, 0)]
)
def test_w2_refuses_other_weights(group):
    weights = np.zeros((2, 32), np.int8)
    weights[1, 20:24] = group
    with pytest.raises(InputError, match="w2: weights must be"):
        w2.encode(weights, np.zeros(2, np.uint8))


@settings(deadline=None, max_examples=30)
@given(seeds)
def test_w4_bits(seed):
    weights = np.random.default_rng(seed).integers(-8, 8, (2, 32), np.int8)
    atoms = w4.encode(weights)
    for row in range(2):
        for h in range(2):
            for g in range(8):
                for i in range(2):
                    field = int(atoms[row, h]) >> 4 * (2 * g + i) & 15
                    assert signed(field, 4) == weights[row, 4 * g + 2 * h + i]
    assert (w4.decode(atoms) == weights).all()


def test_w8_bits():
    weights = np.arange(-119, 121, dtype=np.int16)
    weights = np.concatenate([weights[:-1], np.zeros(17)]).astype(np.int8).reshape(8, 32)
    atoms = w8.encode(weights)
    for row in range(8):
        for h in range(4):
            for g in range(8):
                octet = int(atoms[row, h]) >> 8 * g & 255
                low, high = signed(octet & 15, 4), signed(octet >> 4, 4)
                assert -7 <= high
                assert low + 16 * high == weights[row, 4 * g + h]
    assert (w8.decode(atoms) == weights).all()


@pytest.mark.parametrize("octet", [0x80, 0x87, 0x8F, 0x98])
def test_w8_refuses_unbalanced_digits(octet):
    with pytest.raises(InputError, match="w8"):
        w8.decode(np.array([[0, octet << 24, 0, 0]], np.uint64))


@settings(deadline=None, max_examples=30)
@given(seeds)
def test_kv4_bits(seed):
    values = np.random.default_rng(seed).integers(-8, 8, (3, 16), np.int8)
    atoms = kv4.encode(values)
    for atom, row in zip(atoms.tolist(), values.tolist(), strict=True):
        assert [signed(atom >> 4 * s & 15, 4) for s in range(16)] == row
    assert (kv4.decode(atoms) == values).all()


@pytest.mark.parametrize(
    ("encode", "count", "outside"),
    [(w4.encode, 32, (-9, 8)), (w8.encode, 32, (-120, 120, -128)), (kv4.encode, 16, (-9, 8, 127))],
)
def test_dense_formats_refuse_values_outside(encode, count, outside):
    for value in outside:
        weights = np.zeros((4, count), np.int8)
        weights[2, 5] = value
        with pytest.raises(InputError, match="must lie in"):
            encode(weights)


@pytest.mark.parametrize("encode", [lambda w: w2.encode(w, np.zeros(2, np.uint8)), w4.encode, w8.encode, kv4.encode])
def test_wrong_shape_or_type(encode):
    for wrong in (np.zeros((2, 31), np.int8), np.zeros((2, 32), np.int64), np.int8(3)):
        with pytest.raises(InputError, match="must be int8"):
            encode(wrong)


def test_w2_refuses_wrong_scale():
    with pytest.raises(InputError, match="scale must be uint8"):
        w2.encode(np.zeros((2, 32), np.int8), np.zeros(3, np.uint8))


def test_every_illegal_code_is_seen_in_every_group():
    for group in range(8):
        for code in range(128):
            atoms = np.full(3, 0xFF << 56 | sum(w2.NONE_KEPT << 7 * other for other in range(8)), np.uint64)
            atoms[1] = int(atoms[1]) & ~(127 << 7 * group) | code << 7 * group
            assert w2.all_legal(atoms) == (code <= w2.NONE_KEPT)
            if code > w2.NONE_KEPT:
                with pytest.raises(InputError, match=f"w2: group code {code} means nothing"):
                    w2.decode(atoms)
            else:
                assert (w2.decode(atoms)[0][1, 4 * group : 4 * group + 4] == w2.CODE_WEIGHTS[code]).all()
