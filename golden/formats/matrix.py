"""A weight matrix in 64-bit atoms, and its exact product with int8 activations."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from golden.errors import InputError
from golden.formats import w2, w4, w8

PHASES = {"w2": 1, "w4": w4.PHASES, "w8": w8.PHASES}  #: atoms per block of 32 weights, by kind
BLOCK = 32  #: weights that share a scale
KEPT = 1 << 29  #: weights: the decoded ones of a larger model are not kept, as they would take 4 bytes each
_CODED_AT_ONCE = 1 << 22  # weights packed or unpacked at a time: temporaries stay out of the memory bill
_DECODED_AT_ONCE = 1 << 18  # and decoded for one product: they stay in the cache
_EXACT = 1 << 24  # float32 holds every integer up to here


@dataclass(frozen=True, eq=False)
class PackedMatrix:
    """``rows`` × ``cols`` weights (output channels × inputs) as atoms.

    ``atoms[n, b, h]`` (uint64, rows × ceil(cols/32) × phases) holds those of the weights ``32b … 32b+31`` of row ``n``
    that docs/formats.md assigns to phase ``h``. Columns beyond ``cols`` are zero weights. ``scales`` (uint8, rows ×
    blocks) exists in ``w4`` only: ``w2`` has its scales inside the atoms and ``w8`` has none. Raises InputError where
    kind, shapes or types disagree; codes are checked when the weights are first decoded.
    """

    kind: str
    rows: int
    cols: int
    atoms: np.ndarray
    scales: np.ndarray | None = None
    keep: bool = True  #: whether dot() keeps the decoded weights

    def __post_init__(self):
        _check_kind(self.kind)
        if self.rows < 1 or self.cols < 1:
            raise InputError(f"{self.kind}: a matrix has at least one row and column, not {self.rows} × {self.cols}")
        _check_array(f"{self.kind}: atoms", self.atoms, np.uint64, (self.rows, self.blocks, PHASES[self.kind]))
        if self.kind == "w4":
            _check_array("w4: scales", self.scales, np.uint8, (self.rows, self.blocks))
        elif self.scales is not None:
            raise InputError(f"{self.kind}: there are no scales beside the atoms")

    @property
    def blocks(self):
        """Blocks of 32 weights in a row."""
        return -(-self.cols // BLOCK)

    @classmethod
    def pack(cls, kind, weights, scale=None):
        """Pack ``weights`` (rows, cols) int8 with ``scale`` (rows, ceil(cols/32)) uint8 (None for ``w8``).

        Raises InputError for a weight that the format cannot hold or a scale of another shape.
        """
        _check_kind(kind)
        weights = np.asarray(weights)
        if weights.dtype != np.int8 or weights.ndim != 2 or 0 in weights.shape:
            raise InputError(f"{kind}: weights must be int8 of shape (rows, cols), not {weights.dtype} {weights.shape}")
        rows, cols = weights.shape
        blocks = -(-cols // BLOCK)
        if kind == "w8":
            if scale is not None:
                raise InputError("w8: there are no block scales")
        else:
            scale = np.asarray(scale)
            _check_array(f"{kind}: scale", scale, np.uint8, (rows, blocks))
        atoms = np.empty((rows, blocks, PHASES[kind]), np.uint64)
        for part in _row_ranges(rows, cols, _CODED_AT_ONCE):
            padded = np.zeros((part.stop - part.start, blocks * BLOCK), np.int8)
            padded[:, :cols] = weights[part]
            groups = padded.reshape(-1, blocks, BLOCK)
            if kind == "w2":
                atoms[part, :, 0] = w2.encode(groups, scale[part])
            else:
                atoms[part] = (w4 if kind == "w4" else w8).encode(groups)
        return cls(kind, rows, cols, atoms, scale if kind == "w4" else None)

    def unpack(self):
        """``(weights (rows, cols) int8, scale (rows, blocks) uint8 or None)``. Raises InputError for illegal codes."""
        weights = np.empty((self.rows, self.cols), np.int8)
        scale = None if self.kind == "w8" else np.empty((self.rows, self.blocks), np.uint8)
        for part in _row_ranges(self.rows, self.cols, _CODED_AT_ONCE):
            groups, part_scale = self._decode(part)
            weights[part] = groups.reshape(len(groups), -1)[:, : self.cols]
            if scale is not None:
                scale[part] = part_scale
        return weights, scale

    def _decode(self, part):
        """Weights int8 (n, blocks, 32) and scales uint8 (n, blocks), None if there are none, of the rows ``part``."""
        if self.kind == "w2":
            groups, scale = w2.decode(self.atoms[part, :, 0])
        elif self.kind == "w4":
            groups, scale = w4.decode(self.atoms[part]), self.scales[part]
        else:
            groups, scale = w8.decode(self.atoms[part]), None
        return groups, scale

    def integers(self, part):
        """The rows ``part`` (a slice) as (n, cols) int64, scale times weight: before their channel multipliers."""
        groups, scale = self._decode(part)
        values = groups.astype(np.int64)
        if scale is not None:
            values *= scale[..., None]
        return values.reshape(len(values), -1)[:, : self.cols]

    def dot(self, x):
        """Σ scale·weight·x, exact: ``x`` (R, cols) int8 → (R, rows) int64.

        With ``keep`` the first call decodes the matrix into float32, 4 bytes per weight, and keeps it: later ones run
        at the speed of a float32 matrix product. Without it every call decodes, on all processors.
        """
        x = np.asarray(x)
        if x.dtype != np.int8 or x.ndim != 2 or x.shape[1] != self.cols:
            raise InputError(f"{self.kind}: x must be int8 of shape (R, {self.cols}), not {x.dtype} {x.shape}")
        real = x.astype(np.float32)
        if self.keep:
            products = [values.dot(real) for values in self._values]
        else:
            parts = _row_ranges(self.rows, self.cols, _DECODED_AT_ONCE)
            with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
                products = list(pool.map(lambda part: self._decoded(part).dot(real), parts))
        return products[0] if len(products) == 1 else np.concatenate(products, axis=1)

    @cached_property
    def _values(self):
        return [self._decoded(part) for part in _row_ranges(self.rows, self.cols, _CODED_AT_ONCE)]

    def _decoded(self, part):
        groups, scale = self._decode(part)
        values = groups.astype(np.float32)
        if scale is not None:
            values *= scale[..., None].astype(np.float32)
        return _Values(values.reshape(len(values), -1)[:, : self.cols])


class _Values:
    """``values`` (rows, cols) float32, integers: scale·weight."""

    def __init__(self, values):
        self._values = values
        self._energies = {}  # (first, last column): the largest Σ value² of a row

    def dot(self, x):
        """Σ value·x, exact: ``x`` (R, cols) float32, int8 values → (R, rows) int64."""
        return self._dot(x, 0, self._values.shape[1])

    def _dot(self, x, first, last):
        """The part of the columns ``first`` … ``last`` − 1, cut in half until float32 sums are exact.

        Any partial sum, in whatever order the matrix product adds, is at most Σ|value·x|, and that at most
        √(Σvalue²·Σx²): up to 2^24 it is an integer that float32 holds. A block's own sum always is.
        """
        part = x[:, first:last]
        if last - first > BLOCK and _energy(part) * self._energy(first, last) > _EXACT**2:
            middle = first + -(-(last - first) // (2 * BLOCK)) * BLOCK
            return self._dot(x, first, middle) + self._dot(x, middle, last)
        return (part @ self._values[:, first:last].T).astype(np.int64)

    def _energy(self, first, last):
        if (first, last) not in self._energies:
            self._energies[first, last] = _energy(self._values[:, first:last])
        return self._energies[first, last]


def _energy(values):
    """At least the largest Σ value² of a row: the sum is in float32, whose error the factor covers up to 2^17 terms."""
    return float(np.einsum("nk,nk->n", values, values).max()) * (1 + 2.0**-6)


def stored_bytes(kind, rows, cols):
    """Bytes of the atoms and block scales of a matrix."""
    return rows * -(-cols // BLOCK) * (8 * PHASES[kind] + (kind == "w4"))


def _row_ranges(rows, cols, weights):
    step = max(1, weights // cols)
    return [slice(first, min(first + step, rows)) for first in range(0, rows, step)]


def _check_kind(kind):
    if kind not in PHASES:
        raise InputError(f"no weight format {kind!r}; there are {', '.join(PHASES)}")


def _check_array(name, array, dtype, shape):
    if not isinstance(array, np.ndarray) or array.dtype != dtype or array.shape != shape:
        found = f"{array.dtype} {array.shape}" if isinstance(array, np.ndarray) else type(array).__name__
        raise InputError(f"{name} must be {np.dtype(dtype)} of shape {shape}, not {found}")
