"""The int4 key/value cache of one layer."""

import numpy as np

from golden.numerics import Scale


class QuantisedCache:
    """``capacity`` slots of ``heads`` vectors: int4 values, a zero point and a step per slot and head."""

    def __init__(self, heads, capacity, head_dim):
        self.values = np.zeros((heads, capacity, head_dim), np.int8)
        self.zero = np.zeros((heads, capacity), np.int64)
        self.step = Scale(np.zeros((heads, capacity), np.int64), np.zeros((heads, capacity), np.int64))

    def store(self, slot, values, zero, step):
        """Put one token into ``slot``: what kv_quantise() makes of its vectors (heads, head_dim)."""
        self.values[:, slot] = values
        self.zero[:, slot] = zero
        self.step.mantissa[:, slot] = step.mantissa
        self.step.exponent[:, slot] = step.exponent
