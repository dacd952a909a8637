"""``w4``: a block of 32 dense weights in −8…7 is two 64-bit atoms, one per phase, that share a u8 scale kept apart.

Slot ``2g+i`` of the atom of phase ``h`` holds weight ``4g + 2h + i`` of the block. How the scales travel in scale beats
is docs/formats.md's business, not that of a block.
"""

import numpy as np

from golden.errors import InputError
from golden.formats import nibbles

WEIGHTS = 32  #: weights in a block
PHASES = 2  #: atoms in a block


def encode(weights):
    """Atoms (…, 2) uint64, by phase, of ``weights`` (…, 32) int8. Raises InputError for a weight outside −8…7."""
    weights = np.asarray(weights)
    if weights.dtype != np.int8 or weights.ndim == 0 or weights.shape[-1] != WEIGHTS:
        raise InputError(f"w4: weights must be int8 of shape (…, 32), not {weights.dtype} {weights.shape}")
    if weights.size and (weights.min() < -8 or weights.max() > 7):
        raise InputError("w4: weights must lie in −8 to 7")
    by_phase = np.moveaxis(weights.reshape(*weights.shape[:-1], 8, PHASES, 2), -2, -3)
    return nibbles.join(by_phase.reshape(*weights.shape[:-1], PHASES, 16))


def decode(atoms):
    """Weights (…, 32) int8 of ``atoms`` (…, 2) uint64; every atom is legal."""
    by_phase = nibbles.split(atoms).reshape(*np.shape(atoms)[:-1], PHASES, 8, 2)
    return np.moveaxis(by_phase, -3, -2).reshape(*np.shape(atoms)[:-1], WEIGHTS)
