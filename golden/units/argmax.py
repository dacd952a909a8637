"""Greedy choice of a token."""

import numpy as np


def argmax(logits):
    """Index of the largest of ``logits`` (…, N) int32, the lowest one among equals: one comparator, one value per
    cycle.
    """
    return np.argmax(logits, axis=-1)
