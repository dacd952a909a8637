"""``w2``: 32 weights in {0, ±1, ±3}, at most two non-zero in each group of 4, and one u8 scale in a 64-bit atom.

Bits ``7g+6 … 7g`` hold the code of group ``g``, bits 63…56 the scale; see docs/formats.md for the code. Both directions
go through a table of all groups, so that whole matrices pack at memory speed.
"""

from itertools import combinations, product

import numpy as np

from golden.errors import InputError

WEIGHTS = 32  #: weights in an atom
LEVELS = (1, 3, -1, -3)  #: by level index λ
PAIRS = tuple(combinations(range(4), 2))  #: positions of two kept weights, by pair index
ONE_KEPT = 96  #: first code with one kept weight
NONE_KEPT = 112  #: the code of an all-zero group
_INVALID = 255
_ILLEGAL = 127  # no weight
_PAIR_CODES = 1 << 14
_BASE = 7  # a weight of −3…3 is one base-7 digit of the index into the encoding table


def _decoding_tables():
    """Per code 0…127: the four weights, and the (factor, position) of slots 2g and 2g+1. Illegal codes read as zero."""
    weights = np.zeros((128, 4), np.int8)
    factors = np.zeros((128, 2), np.int8)
    positions = np.zeros((128, 2), np.uint8)
    for pair, (low, high) in enumerate(PAIRS):
        for (i0, level0), (i1, level1) in product(enumerate(LEVELS), repeat=2):
            code = 16 * pair + 4 * i0 + i1
            weights[code, [low, high]] = level0, level1
            factors[code] = level0, level1
            positions[code] = low, high
    for position in range(4):
        for index, level in enumerate(LEVELS):
            code = ONE_KEPT + 4 * position + index
            weights[code, position] = level
            factors[code, 0] = level
            positions[code, 0] = position
    return weights, factors, positions


CODE_WEIGHTS, CODE_FACTORS, CODE_POSITIONS = _decoding_tables()


def _encoding_table():
    table = np.full(_BASE**4, _INVALID, np.uint8)
    digits = CODE_WEIGHTS[: NONE_KEPT + 1].astype(np.int64) + 3
    table[digits @ _BASE ** np.arange(4)] = np.arange(NONE_KEPT + 1)
    return table


_ENCODING = _encoding_table()


def _pair_table():
    """The eight weights of every two neighbouring codes, as 64 bits; _ILLEGAL where a code means nothing."""
    weights = CODE_WEIGHTS.copy()
    weights[NONE_KEPT + 1 :] = _ILLEGAL
    pair = np.arange(_PAIR_CODES)
    return np.concatenate([weights[pair & 127], weights[pair >> 7]], axis=1).view(np.uint64)[:, 0]


_PAIRS = _pair_table()


def codes(atoms):
    """The eight 7-bit group codes of ``atoms`` (…) uint64, as (…, 8) uint8."""
    shifts = np.arange(0, 56, 7, dtype=np.uint64)
    return (np.asarray(atoms, np.uint64)[..., None] >> shifts & np.uint64(127)).astype(np.uint8)


def scales(atoms):
    """The u8 scales of ``atoms`` (…) uint64."""
    return (np.asarray(atoms, np.uint64) >> np.uint64(56)).astype(np.uint8)


def all_legal(atoms):
    """True unless a code of ``atoms`` (…) uint64 is 113…127: a check without decoding."""
    # Added to 15, such a code passes 127; every other one is looked at, as there is no room between neighbours.
    ones = np.uint64(sum(1 << 14 * pair for pair in range(4)))
    passed = ((atoms & ones * np.uint64(127)) + ones * np.uint64(15)) | (
        (atoms >> np.uint64(7) & ones * np.uint64(127)) + ones * np.uint64(15)
    )
    return not (passed & ones * np.uint64(128)).any()


def encode(weights, scale):
    """Atoms (…) uint64 of ``weights`` (…, 32) int8 and ``scale`` (…) uint8.

    Raises InputError for a level other than 0, ±1, ±3 or more than two non-zero weights in a group of four.
    """
    weights = np.asarray(weights)
    if weights.dtype != np.int8 or weights.ndim == 0 or weights.shape[-1] != WEIGHTS:
        raise InputError(f"w2: weights must be int8 of shape (…, 32), not {weights.dtype} {weights.shape}")
    scale = np.asarray(scale)
    if scale.dtype != np.uint8 or scale.shape != weights.shape[:-1]:
        wanted = weights.shape[:-1]
        raise InputError(f"w2: scale must be uint8 of shape {wanted}, not {scale.dtype} {scale.shape}")
    if weights.size and (weights.min() < -3 or weights.max() > 3):
        raise InputError("w2: weights must be 0, ±1 or ±3")
    groups = weights.reshape(*weights.shape[:-1], 8, 4)
    index = np.zeros(groups.shape[:-1], np.int16)
    for position in range(4):
        index += (groups[..., position] + np.int8(3)) * np.int16(_BASE**position)
    code = _ENCODING[index]
    if (code == _INVALID).any():
        raise InputError("w2: weights must be 0, ±1 or ±3 with at most two non-zero in each group of four")
    atoms = scale.astype(np.uint64) << np.uint64(56)
    for group in range(8):
        atoms |= code[..., group].astype(np.uint64) << np.uint64(7 * group)
    return atoms


def decode(atoms):
    """``(weights (…, 32) int8, scale (…) uint8)`` of ``atoms`` (…) uint64. Raises InputError for codes 113…127."""
    atoms = np.asarray(atoms, np.uint64)
    pairs = np.empty((*atoms.shape, 4), np.uint64)
    for pair in range(4):
        code = atoms >> np.uint64(14 * pair) & np.uint64(_PAIR_CODES - 1)
        pairs[..., pair] = _PAIRS.take(code.view(np.int64), mode="wrap")  # never wraps, which saves a check
    weights = pairs.view(np.int8)
    if weights.size and weights.max() == _ILLEGAL:
        code = codes(atoms)
        raise InputError(f"w2: group code {int(code[code > NONE_KEPT][0])} means nothing; codes are 0 to {NONE_KEPT}")
    return weights, scales(atoms)
