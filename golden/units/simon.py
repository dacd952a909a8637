"""The cipher Simon32/64: what makes noise of counters."""

import numpy as np

ROUNDS = 32
_Z = "11111010001001010110000111001101111101000100101011000011100110"
#: Of round i's key, the bit that breaks the rounds' symmetry.
CONSTANTS = tuple(int(bit) for bit in _Z)


def round_keys(key):
    """``key`` (…) of 64 bits, uint64 or int → (32, …) int64 of 16 bits.

    Beaulieu et al., The SIMON and SPECK Families of Lightweight Block Ciphers, 2013 (eprint.iacr.org/2013/404), section
    3.4, all 32 rounds. Only xor, and rotation by constants.
    """
    key = np.asarray(key, np.uint64)
    keys = [(key >> np.uint64(16 * word) & np.uint64(0xFFFF)).astype(np.int64) for word in range(4)]
    for i in range(ROUNDS - 4):
        mixed = _left(keys[i + 3], 13) ^ keys[i + 1]
        keys.append(keys[i] ^ mixed ^ _left(mixed, 15) ^ 0xFFFC ^ CONSTANTS[i])
    return np.stack(keys)


def encrypt(block, keys):
    """``block`` (…) of 32 bits with round_keys() (32, …): int64 (…) of 32 bits, a different one for each block.

    A round replaces the upper half: one AND and three xor a bit, which are one LUT of six inputs.
    """
    block = np.asarray(block, np.int64)
    upper, lower = block >> 16, block & 0xFFFF
    for key in keys:
        upper, lower = lower ^ (_left(upper, 1) & _left(upper, 8)) ^ _left(upper, 2) ^ key, upper
    return upper << 16 | lower


def _left(word, places):
    """A word of 16 bits, rotated."""
    return (word << places | word >> 16 - places) & 0xFFFF
