"""An operation of any kind and shape with random operands, for exploring and measuring."""

import numpy as np

from golden.errors import InputError
from golden.formats.matrix import PHASES, PackedMatrix
from golden.formats.sample import random_weights
from golden.operation import KINDS, Operation

LIMIT = 1 << 26
"""Weights, or cached values, of a sample."""


def sample_operation(kind, outputs, terms, rows=1, seed=0, extreme=False):
    """An Operation with ``outputs`` results per row, each a dot product of ``terms`` terms, for ``rows`` vectors.

    For ``qk`` outputs are cached tokens and terms the head's dimensions; for ``pv`` the other way round. The same
    seed gives the same integers. With ``extreme`` every operand is the most negative of its kind, so that sums are the
    largest there are. Raises InputError for a kind or shape that there is not.
    """
    if kind not in KINDS:
        raise InputError(f"no operation {kind!r}; there are {', '.join(KINDS)}")
    for name, value in (("outputs", outputs), ("terms", terms), ("rows", rows)):
        if value < 1:
            raise InputError(f"{kind}: {name} is {value}, it must be at least 1")
    if outputs * terms > LIMIT:
        raise InputError(f"{kind}: {outputs} × {terms} is more than a sample may have ({LIMIT})")
    rng = np.random.default_rng(seed)
    x = np.full((rows, terms), -128, np.int8) if extreme else rng.integers(-128, 128, (rows, terms)).astype(np.int8)
    if kind in PHASES:
        weights = PackedMatrix.pack(kind, *random_weights(rng, kind, outputs, terms, extreme))
    else:
        shape = (outputs, terms) if kind == "qk" else (terms, outputs)
        weights = np.full(shape, -8, np.int8) if extreme else rng.integers(-8, 8, shape).astype(np.int8)
    return Operation(kind, weights, x)
