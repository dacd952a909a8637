"""The ``.npz`` in which an engine operation comes: read, checked field by field, made an Operation."""

import os

import numpy as np

from golden.errors import InputError
from golden.formats.matrix import PackedMatrix
from golden.operation import KINDS, Operation
from myhdl_acc.trace.npz_file import read_npz

FIELDS = {
    "w2": ("w", "scale", "x"),
    "w4": ("w", "scale", "x"),
    "w8": ("w", "x"),
    "qk": ("k", "q"),
    "pv": ("v", "p"),
}
"""The arrays of each kind, beside ``op``; the last one is the stationary operand."""

_INT8 = (-128, 127)
_RANGES = {"w": _INT8, "x": _INT8, "q": _INT8, "p": _INT8, "scale": (0, 255), "k": (-8, 7), "v": (-8, 7)}


def read_operation(path):
    """The Operation in an ``.npz``: ``op`` (a string, one of KINDS) and the arrays of ``FIELDS``.

    Arrays may be of any integer type as long as their values fit. Raises InputError for anything else.
    """
    arrays = read_npz(path)
    try:
        return make_operation(arrays)
    except InputError as error:
        raise InputError(f"{os.fspath(path)}: {error}") from None


def make_operation(arrays):
    """The Operation of {field: array}; raises InputError."""
    kind = _kind(arrays)
    fields = FIELDS[kind]
    missing = [name for name in fields if name not in arrays]
    surplus = [name for name in arrays if name not in fields and name != "op"]
    if missing or surplus:
        found = f"missing: {', '.join(missing)}" if missing else f"not expected: {', '.join(surplus)}"
        raise InputError(f"{kind} takes op, {', '.join(fields)}; {found}")
    values = {name: _integers(name, arrays[name]) for name in fields}
    weights, moving, axis = fields[0], fields[-1], int(kind != "pv")
    if values[moving].shape[1] != values[weights].shape[axis]:
        wanted = f"{values[weights].shape[axis]} {'columns' if axis else 'rows'}"
        raise InputError(f"{kind}: {moving} has {values[moving].shape[1]} columns, {weights} has {wanted}")
    if "w" not in fields:
        cached, stationary = (values[name] for name in fields)
        return Operation(kind, cached, stationary)
    return Operation(kind, PackedMatrix.pack(kind, values["w"], values.get("scale")), values["x"])


def _kind(arrays):
    if "op" not in arrays:
        raise InputError(f"no field op; it must be one of {', '.join(KINDS)}")
    op = arrays["op"]
    if op.dtype.kind != "U" or op.ndim != 0 or str(op) not in KINDS:
        found = repr(str(op)[:40]) if op.dtype.kind == "U" and op.ndim == 0 else f"{op.dtype} of shape {op.shape}"
        raise InputError(f"op must be one of the strings {', '.join(KINDS)}, not {found}")
    return str(op)


def _integers(name, array):
    """``array`` as int8 (``scale``: uint8), if it is a matrix of integers in the field's range."""
    if array.dtype.kind not in "iu" or array.ndim != 2 or 0 in array.shape:
        raise InputError(f"{name} must be a matrix of integers and not empty, not {array.dtype} of shape {array.shape}")
    low, high = _RANGES[name]
    if array.min() < low or array.max() > high:
        raise InputError(f"{name} must lie in {low} to {high}, it has values from {array.min()} to {array.max()}")
    return array.astype(np.uint8 if name == "scale" else np.int8)
