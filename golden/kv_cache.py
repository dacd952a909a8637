"""The int4 key/value cache of one layer."""

import numpy as np

from golden.numerics import Scale
from golden.units.kv_quantise import kv_quantise


class QuantisedCache:
    """``capacity`` slots of ``heads`` vectors: int4 values, a zero point and a step per slot and head."""

    def __init__(self, heads, capacity, head_dim):
        self.values = np.zeros((heads, capacity, head_dim), np.int8)
        self.zero = np.zeros((heads, capacity), np.int64)
        self.step = Scale(np.zeros((heads, capacity), np.int64), np.zeros((heads, capacity), np.int64))

    def store(self, slot, x):
        """Quantise ``x`` (heads, head_dim) int32 into ``slot``."""
        values, zero, step = kv_quantise(x)
        self.values[:, slot] = values
        self.zero[:, slot] = zero
        self.step.mantissa[:, slot] = step.mantissa
        self.step.exponent[:, slot] = step.exponent
