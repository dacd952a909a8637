"""The int4 key/value cache of one layer."""

from dataclasses import dataclass

import numpy as np

from golden.numerics import Scale


@dataclass(frozen=True, eq=False)
class QuantisedVectors:
    """Keys or values of tokens as kv_quantise() makes them: ``values`` (heads, tokens, head_dim) int4 as int8, and a
    ``zero`` point and a ``step`` (heads, tokens) for each.
    """

    values: np.ndarray
    zero: np.ndarray
    step: Scale

    @classmethod
    def empty(cls, heads, tokens, head_dim):
        """A cache of so many slots."""
        zero, mantissa, exponent = np.zeros((3, heads, tokens), np.int64)
        return cls(np.zeros((heads, tokens, head_dim), np.int8), zero, Scale(mantissa, exponent))

    def __getitem__(self, tokens):
        """Those of ``tokens`` (a slice or numbers)."""
        return QuantisedVectors(self.values[:, tokens], self.zero[:, tokens], self.step[:, tokens])

    def __setitem__(self, slots, vectors):
        """Put ``vectors`` into ``slots`` (numbers); of several for one slot the last one stays."""
        self.values[:, slots] = vectors.values
        self.zero[:, slots] = vectors.zero
        self.step.mantissa[:, slots] = vectors.step.mantissa
        self.step.exponent[:, slots] = vectors.step.exponent

    def followed_by(self, other):
        """These tokens, then those of ``other``."""

        def joined(one, two):
            return np.concatenate([one, two], axis=1)

        step = Scale(joined(self.step.mantissa, other.step.mantissa), joined(self.step.exponent, other.step.exponent))
        return QuantisedVectors(joined(self.values, other.values), joined(self.zero, other.zero), step)
