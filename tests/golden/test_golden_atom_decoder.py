import numpy as np
import pytest

from golden.formats import kv4, w2, w4, w8
from golden.units.atom_decoder import atom_decoder


def test_w2_worked_example():
    factors, positions, scale, illegal = atom_decoder(np.uint64(0x0AE1C3870E1C3846), "w2", 0)
    assert factors.tolist() == [3, -1] + [0] * 14
    assert positions.tolist() == [1, 3] + [0] * 14
    assert scale == 10 and not illegal


def test_w2_every_code_places_its_weights():
    for code in range(128):
        atom = np.uint64((code << 21) | (5 << 56) | sum(112 << 7 * g for g in range(8) if g != 3))
        factors, positions, scale, illegal = atom_decoder(atom, "w2", 0)
        weights = np.zeros(4, int)
        np.add.at(weights, positions[6:8], factors[6:8])
        assert not factors[:6].any() and not factors[8:].any() and scale == 5
        assert bool(illegal) == (code > 112)
        if code > 112:
            assert not factors.any() and not positions.any()
        else:
            assert weights.tolist() == w2.decode(np.array([atom]))[0][0, 12:16].tolist()


@pytest.mark.parametrize("module", [w4, w8])
def test_dense_phases_cover_the_block(module):
    weights = np.random.default_rng(3).integers(-8, 8, (5, 32), np.int8)
    if module is w8:
        weights = np.random.default_rng(3).integers(-119, 120, (5, 32)).astype(np.int8)
    atoms = module.encode(weights)
    seen = np.zeros((5, 32), int)
    for phase in range(module.PHASES):
        factors, positions, scale, illegal = atom_decoder(atoms[:, phase], module.__name__.split(".")[-1], phase)
        assert (scale == 1).all() and not illegal.any()
        for slot in range(16):
            digit = 16 if module is w8 and slot % 2 else 1
            seen[np.arange(5), 4 * (slot // 2) + positions[:, slot]] += digit * factors[:, slot]
    assert (seen == weights).all()


def test_kv4_slots_and_positions():
    values = np.arange(-8, 8, dtype=np.int8)
    for phase in (0, 1):
        factors, positions, scale, illegal = atom_decoder(kv4.encode(values), "kv4", phase)
        assert (factors == values).all() and scale == 1 and not illegal
        assert positions.tolist() == [2 * phase, 2 * phase + 1] * 8
