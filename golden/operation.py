"""One operation of the engine: integers in, exact integers out."""

from dataclasses import dataclass

import numpy as np

from golden.errors import InputError
from golden.formats.matrix import PHASES, PackedMatrix

KINDS = (*PHASES, "qk", "pv")


@dataclass(frozen=True, eq=False)
class Operation:
    """What the engine computes in one command. Raises InputError for operands that do not fit together.

    ========== ==================================== ============================ ===================
    kind       ``weights``                          ``x``, int8                  result, int64
    ========== ==================================== ============================ ===================
    w2 w4 w8   PackedMatrix (N, K) of that kind     activations (R, K)           (R, N)
    qk         cached keys (T, D) int4 as int8      queries (R, D)               scores (R, T)
    pv         cached values (T, D) int4 as int8    probabilities (R, T)         weighted sums (R, D)
    ========== ==================================== ============================ ===================
    """

    kind: str
    weights: PackedMatrix | np.ndarray
    x: np.ndarray

    def __post_init__(self):
        if self.kind not in KINDS:
            raise InputError(f"no operation {self.kind!r}; there are {', '.join(KINDS)}")
        if self.kind in PHASES:
            if not isinstance(self.weights, PackedMatrix) or self.weights.kind != self.kind:
                found = getattr(self.weights, "kind", type(self.weights).__name__)
                raise InputError(f"{self.kind}: weights must be a PackedMatrix of that kind, not {found}")
        else:
            what = "keys" if self.kind == "qk" else "values"
            _check_int8(f"{self.kind}: {what}", self.weights)
            if self.weights.min() < -8 or self.weights.max() > 7:
                raise InputError(f"{self.kind}: {what} must lie in −8 to 7")
        _check_int8(f"{self.kind}: x", self.x)
        if self.x.shape[1] != self.terms:
            raise InputError(f"{self.kind}: x has {self.x.shape[1]} columns, the weights want {self.terms}")

    @property
    def terms(self):
        """Products in each dot product."""
        if self.kind in PHASES:
            return self.weights.cols
        return self.weights.shape[1 if self.kind == "qk" else 0]

    @property
    def outputs(self):
        """Results per row of ``x``."""
        if self.kind in PHASES:
            return self.weights.rows
        return self.weights.shape[0 if self.kind == "qk" else 1]


def _check_int8(name, array):
    if not isinstance(array, np.ndarray) or array.dtype != np.int8 or array.ndim != 2 or 0 in array.shape:
        found = f"{array.dtype} {array.shape}" if isinstance(array, np.ndarray) else type(array).__name__
        raise InputError(f"{name} must be int8 of two dimensions and not empty, not {found}")
