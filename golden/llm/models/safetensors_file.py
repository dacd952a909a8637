"""Reading safetensors files: tensors memory-mapped, every offset checked before it is believed."""

import json
import math
import struct

import numpy as np
from safetensors import safe_open

from golden.errors import InputError

_LARGEST_HEADER = 100_000_000  # the safetensors library's own limit
_DTYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "F8_E4M3": "u1", "F8_E5M2": "u1", "I64": "<i8",
    "U64": "<u8", "I32": "<i4", "U32": "<u4", "I16": "<i2", "U16": "<u2", "I8": "i1", "U8": "u1", "BOOL": "?",
}  # fmt: skip
FLOATS = ("F64", "F32", "F16", "BF16")  #: types that floats() reads


class SafetensorsFile:
    """``metadata`` (texts), ``shapes`` {tensor: shape} and ``kinds`` {tensor: type, as the format names it}.

    Raises InputError, naming the file, for anything malformed: a cut file, lengths beyond its end, tensors that overlap
    or are not aligned to their type, an unknown type.
    """

    def __init__(self, path):
        self.path = path
        try:
            with safe_open(path, "numpy") as file:  # checks the header: lengths, overlaps, names
                self.metadata = file.metadata() or {}
            with open(path, "rb") as file:
                length = struct.unpack("<Q", file.read(8))[0]
                header = json.loads(file.read(min(length, _LARGEST_HEADER)))
            self._data = np.asarray(np.memmap(path, np.uint8, "r"))
        except Exception as error:  # the library raises its own type, I/O errors, and others on hostile input
            reason = (str(error) or type(error).__name__).splitlines()[0][:200]
            raise InputError(f"{path}: not a readable safetensors file ({reason})") from None
        self.shapes, self.kinds, self._places = {}, {}, {}
        for name, entry in header.items():
            if name != "__metadata__":
                self._place(name, entry, 8 + length)

    def _place(self, name, entry, start):
        kind, shape = entry["dtype"], tuple(entry["shape"])
        if kind not in _DTYPES:
            raise InputError(f"{self.path}: tensor {name} has type {kind}, which is not supported")
        first, last = (start + offset for offset in entry["data_offsets"])
        size = np.dtype(_DTYPES[kind]).itemsize
        if last - first != size * math.prod(shape):
            raise InputError(f"{self.path}: tensor {name} has another number of bytes than its shape {shape}")
        if first % size:
            raise InputError(f"{self.path}: tensor {name} begins at byte {first}, not at a multiple of {size}")
        self.shapes[name], self.kinds[name], self._places[name] = shape, kind, (first, last)

    def array(self, name):
        """Tensor ``name`` as it lies in the file, mapped from it: bfloat16 as uint16, float8 as uint8."""
        first, last = self._places[name]
        return self._data[first:last].view(_DTYPES[self.kinds[name]]).reshape(self.shapes[name])

    def floats(self, name):
        """Tensor ``name`` of one of the types FLOATS as float32."""
        array = self.array(name)
        if self.kinds[name] == "BF16":
            return (array.astype(np.uint32) << 16).view(np.float32)
        with np.errstate(over="ignore"):  # infinities are refused later
            return array.astype(np.float32)
