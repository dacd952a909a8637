"""Simon32/64 against its authors' test vector, and what noise needs of it."""

import numpy as np
import pytest

from golden.units.simon import encrypt, round_keys


def test_the_authors_vector():
    """Beaulieu et al. 2013, appendix B."""
    assert int(encrypt(0x65656877, round_keys(0x1918111009080100))) == 0xC69BE9BB


def test_blocks_stay_different():
    found = encrypt(np.arange(1 << 17), round_keys(7)[:, None])
    assert len(np.unique(found)) == 1 << 17
    assert 0 <= found.min() and found.max() < 1 << 32


@pytest.mark.parametrize("bit", [0, 15, 16, 31])
def test_a_bit_of_the_block_changes_half_of_the_result(bit):
    blocks = np.random.default_rng(bit).integers(0, 1 << 32, 4000)
    keys = round_keys(0x0123456789ABCDEF)[:, None]
    assert _shares_of_ones(encrypt(blocks, keys) ^ encrypt(blocks ^ 1 << bit, keys)) == pytest.approx(0.5, abs=0.04)


@pytest.mark.parametrize("bit", [0, 31, 32, 63])
def test_a_bit_of_the_key_changes_half_of_the_result(bit):
    keys = np.random.default_rng(bit).integers(0, 1 << 64, 4000, np.uint64)
    changed = encrypt(5, round_keys(keys)) ^ encrypt(5, round_keys(keys ^ np.uint64(1 << bit)))
    assert _shares_of_ones(changed) == pytest.approx(0.5, abs=0.04)


def _shares_of_ones(words):
    """Per bit."""
    return ((words[:, None] >> np.arange(32)) & 1).mean(0)
