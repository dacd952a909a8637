"""``kv4``: 16 cached values in −8…7 in a 64-bit atom, slot ``s`` in bits ``4s+3 … 4s``.

A key atom holds 16 dimensions of one token, a value atom 16 tokens of one dimension. Scale and zero point are kept
apart.
"""

import numpy as np

from golden.errors import InputError
from golden.formats import nibbles

VALUES = nibbles.SLOTS  #: values in an atom


def encode(values):
    """Atoms (…) uint64 of ``values`` (…, 16) int8. Raises InputError for a value outside −8…7."""
    values = np.asarray(values)
    if values.dtype != np.int8 or values.ndim == 0 or values.shape[-1] != VALUES:
        raise InputError(f"kv4: values must be int8 of shape (…, 16), not {values.dtype} {values.shape}")
    if values.size and (values.min() < -8 or values.max() > 7):
        raise InputError("kv4: values must lie in −8 to 7")
    return nibbles.join(values)


def decode(atoms):
    """Values (…, 16) int8 of ``atoms`` (…) uint64; every atom is legal."""
    return nibbles.split(atoms)
