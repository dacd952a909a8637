"""Sixteen two's complement 4-bit slots in a 64-bit word: slot ``s`` is bits ``4s+3 … 4s``."""

import numpy as np

SLOTS = 16


def join(slots):
    """Words (…) uint64 of ``slots`` (…, 16) int8 in −8…7 (the caller checks the range)."""
    low, high = slots[..., 0::2], slots[..., 1::2]
    octets = (low & np.int8(15)).view(np.uint8) | (high.view(np.uint8) << np.uint8(4))
    return np.ascontiguousarray(octets).view("<u8")[..., 0]


def split(words):
    """Slots (…, 16) int8 of ``words`` (…) uint64."""
    octets = np.ascontiguousarray(np.asarray(words, "<u8")[..., None]).view(np.int8)
    slots = np.empty((*octets.shape[:-1], SLOTS), np.int8)
    slots[..., 0::2] = (octets << np.int8(4)) >> np.int8(4)
    slots[..., 1::2] = octets >> np.int8(4)
    return slots
