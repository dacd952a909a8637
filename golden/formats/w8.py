"""``w8``: a block of 32 dense weights with |w| ≤ 119 is four 64-bit atoms, one per phase, without a scale.

Byte ``g`` of the atom of phase ``h`` holds weight ``4g + h`` of the block as two balanced digits,
``w = low + 16·high``: ``low`` in −8…7 in bits 3…0, ``high`` in −7…7 in bits 7…4, each in two's complement.
"""

import numpy as np

from golden.errors import InputError

WEIGHTS = 32  #: weights in a block
PHASES = 4  #: atoms in a block
MAX_WEIGHT = 119  #: 7 + 16·7, the largest value whose digits are balanced


def encode(weights):
    """Atoms (…, 4) uint64, by phase, of ``weights`` (…, 32) int8. Raises InputError for |w| > 119."""
    weights = np.asarray(weights)
    if weights.dtype != np.int8 or weights.ndim == 0 or weights.shape[-1] != WEIGHTS:
        raise InputError(f"w8: weights must be int8 of shape (…, 32), not {weights.dtype} {weights.shape}")
    if weights.size and (weights.min() < -MAX_WEIGHT or weights.max() > MAX_WEIGHT):
        raise InputError(f"w8: weights must lie in −{MAX_WEIGHT} to {MAX_WEIGHT}")
    high = (weights + np.int8(8)) >> np.int8(4)
    octets = (weights & np.int8(15)) | (high << np.int8(4))
    by_phase = np.swapaxes(octets.reshape(*weights.shape[:-1], 8, PHASES), -1, -2)
    return np.ascontiguousarray(by_phase).view("<u8")[..., 0]


def all_legal(atoms):
    """True unless a weight of ``atoms`` (…) uint64 is below −119: a check without decoding."""
    octets = np.ascontiguousarray(atoms, "<u8").view(np.int8)
    # A high digit of −8 makes the octet 0x80…0x8F; 0x98 is −7 and −8, the weight −120.
    return not ((octets < -112) | (octets == -104)).any()


def decode(atoms):
    """Weights (…, 32) int8 of ``atoms`` (…, 4) uint64. Raises InputError for digits that encode() never writes."""
    octets = np.ascontiguousarray(np.asarray(atoms, "<u8")[..., None]).view(np.int8)
    low = (octets << np.int8(4)) >> np.int8(4)
    high = octets >> np.int8(4)
    if not all_legal(atoms):
        raise InputError(f"w8: a weight is below −{MAX_WEIGHT}")
    weights = low + (high << np.int8(4))
    return np.swapaxes(weights, -1, -2).reshape(*np.shape(atoms)[:-1], WEIGHTS)
