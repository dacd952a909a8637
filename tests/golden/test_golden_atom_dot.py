import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golden.formats.matrix import PHASES, PackedMatrix
from golden.formats.sample import random_weights
from golden.units.atom_decoder import atom_decoder
from golden.units.atom_dot import atom_dot


@pytest.mark.parametrize("kind", ["w2", "w4", "w8"])
@settings(deadline=None, max_examples=15)
@given(st.integers(1, 6), st.integers(1, 150), st.integers(1, 3), st.integers(0, 2**32 - 1))
def test_sum_over_atoms_is_the_matrix_product(kind, rows, cols, vectors, seed):
    rng = np.random.default_rng(seed)
    packed = PackedMatrix.pack(kind, *random_weights(rng, kind, rows, cols))
    x = rng.integers(-128, 128, (vectors, cols)).astype(np.int8)
    stationary = np.zeros((vectors, 1, packed.blocks * 32), np.int8)
    stationary[:, 0, :cols] = x
    stationary = stationary.reshape(vectors, 1, packed.blocks, 32)
    total = np.zeros((vectors, rows), np.int64)
    for phase in range(PHASES[kind]):
        factors, positions, scale, illegal = atom_decoder(packed.atoms[:, :, phase], kind, phase)
        assert not illegal.any()
        total += atom_dot(stationary, factors, positions, packed.scales if kind == "w4" else scale, kind == "w8").sum(
            -1
        )
    assert (total == packed.dot(x)).all()


def test_worked_example():
    stationary = np.arange(5, 37, dtype=np.int8)
    factors, positions, scale, _ = atom_decoder(np.uint64(0x0AE1C3870E1C3846), "w2", 0)
    assert atom_dot(stationary, factors, positions, scale, False) == 100


def test_width_bounds():
    stationary = np.full(32, -128, np.int8)
    factors, positions = np.full(16, -8, np.int8), np.zeros(16, np.uint8)
    assert atom_dot(stationary, factors, positions, np.uint8(1), True) == 8 * 8 * 128 * 17 < 1 << 18
    assert atom_dot(stationary, factors, positions, np.uint8(255), False) == 16 * 8 * 128 * 255 < 1 << 25
