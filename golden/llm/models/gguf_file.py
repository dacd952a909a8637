"""Reading a GGUF file: metadata and tensors, memory-mapped, every length checked before it is believed.

The `gguf` package supplies the format's constants and the dequantisation. Its GGUFReader is not used: it trusts lengths
found in the file (a hostile array length makes it loop and allocate without end) and takes seconds for a vocabulary
of 49,152 tokens.
"""

import math
import mmap
import os
import re
import struct

import numpy as np
from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType, GGUFValueType
from gguf.quants import dequantize

from golden.errors import InputError

_SCALARS = {
    GGUFValueType.UINT8: "<u1",
    GGUFValueType.INT8: "<i1",
    GGUFValueType.UINT16: "<u2",
    GGUFValueType.INT16: "<i2",
    GGUFValueType.UINT32: "<u4",
    GGUFValueType.INT32: "<i4",
    GGUFValueType.FLOAT32: "<f4",
    GGUFValueType.BOOL: "?",
    GGUFValueType.UINT64: "<u8",
    GGUFValueType.INT64: "<i8",
    GGUFValueType.FLOAT64: "<f8",
}
_MAX_DIMENSIONS = 4
_SUFFIX, _MAX_PARTS = "-{:05d}-of-{:05d}.gguf", 1 << 10
_PART = re.compile(r"(.*)-(\d{5})-of-(\d{5})\.gguf", re.DOTALL)
_WEIGHTS_AT_ONCE = 1 << 20  # dequantised at a time: temporaries stay in the cache and out of the memory bill


class GgufFile:
    """``metadata`` {key: value} and ``shapes`` {tensor: shape, outermost first} of a little-endian GGUF 2 or 3 file,
    or of all the files that a model was split into, of which ``path`` is one.

    Arrays of numbers are numpy arrays, arrays of text lists. Raises InputError, naming the file, for anything
    malformed: wrong magic or version, a length beyond the end of the file, tensors that overlap or are not aligned, an
    unknown type, a duplicate name, a part of a split model that is missing.
    """

    def __init__(self, path):
        path = os.fspath(path)
        first = _Part(path)
        parts = [first] if first.metadata.get("split.count", 1) == 1 else _parts(path, first)
        self.metadata = parts[0].metadata
        self.paths = [part.path for part in parts]  #: of all files
        self._holders = {}
        for part in parts:
            for name in part.shapes:
                if name in self._holders:
                    raise InputError(f"{part.path}: tensor {name} is also in {self._holders[name].path}")
                self._holders[name] = part
        self.shapes = {name: part.shapes[name] for name, part in self._holders.items()}
        total = self.metadata.get("split.tensors.count", len(self.shapes))
        if len(parts) > 1 and total != len(self.shapes):
            raise InputError(f"{path}: the parts hold {len(self.shapes)} tensors, they should hold {total}")

    @property
    def types(self):
        """``{type: bytes of all tensors of it}``."""
        types = {}
        for name, part in self._holders.items():
            kind, size = part.stored(name)
            types[kind] = types.get(kind, 0) + size
        return types

    def tensor(self, name):
        """Tensor ``name`` dequantised to float32, in its shape."""
        return self._holders[name].tensor(name)


def part_paths(path):
    """The paths of all parts of the model of which the file at ``path``, by its name, is one; else ``path`` alone."""
    match = _PART.fullmatch(path)
    if match is None or not 0 < int(match[3]) <= _MAX_PARTS:
        return [path]
    return [match[1] + _SUFFIX.format(number + 1, int(match[3])) for number in range(int(match[3]))]


def _parts(path, first):
    """The parts of a split model, in their order, of which ``first`` is at ``path``."""
    count, number = first.metadata["split.count"], first.metadata.get("split.no")
    if not isinstance(count, int) or not isinstance(number, int) or not 0 <= number < count <= _MAX_PARTS:
        raise InputError(f"{path}: split.no {number!r} of split.count {count!r} is no part of a split model")
    suffix = _SUFFIX.format(number + 1, count)
    if not path.endswith(suffix):
        raise InputError(f"{path}: it is part {number + 1} of {count}; its name should end in {suffix}")
    parts = []
    for index, name in enumerate(part_paths(path)):
        if not os.path.isfile(name):
            raise InputError(f"{name}: this part of the model is missing; {path} is part {number + 1} of {count}")
        parts.append(first if index == number else _Part(name))
        if parts[-1].metadata.get("split.no") != index or parts[-1].metadata.get("split.count") != count:
            raise InputError(f"{name}: its metadata do not say that it is part {index + 1} of {count}")
    return parts


class _Part:
    """One file, as GgufFile."""

    def __init__(self, path):
        self.path = self._path = path
        try:
            with open(path, "rb") as file:
                self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise InputError(f"{path}: cannot be read ({error})") from None
        self._at = 0
        if self._take(4) != b"GGUF":
            raise InputError(f"{path}: not a GGUF file")
        version = self._integer("<I")
        if version and version & 0xFFFF == 0:
            raise InputError(f"{path}: a big-endian GGUF file, which is not supported; little-endian ones are")
        if version not in (2, 3):
            raise InputError(f"{path}: GGUF version {version} is not supported (2 and 3 are)")
        tensor_count, value_count = self._integer("<Q"), self._integer("<Q")
        self.metadata = {}
        for _ in range(value_count):
            key = self._string()
            if key in self.metadata:
                raise InputError(f"{path}: metadata key {key!r} appears twice")
            self.metadata[key] = self._value(self._integer("<I"))
        self.shapes = {}
        self._places = {}
        for _ in range(tensor_count):
            self._tensor_header()
        alignment = self.metadata.get("general.alignment", 32)
        if not isinstance(alignment, int) or not 1 <= alignment <= 1 << 20:
            raise InputError(f"{path}: general.alignment {alignment!r} is not a sensible alignment")
        self._start = -(-self._at // alignment) * alignment
        end, last = 0, None
        for name, (_, offset, size) in sorted(self._places.items(), key=lambda item: item[1][1]):
            if offset % alignment:
                raise InputError(f"{path}: tensor {name} begins at {offset}, not at a multiple of {alignment}")
            if offset < end:
                raise InputError(f"{path}: tensors {last} and {name} overlap")
            end, last = offset + size, name
            if self._start + end > len(self._data):
                raise InputError(f"{path}: tensor {name} lies beyond the end of the file (is it cut?)")

    def tensor(self, name):
        """Tensor ``name`` dequantised to float32, in its shape.

        Memory holds the result and a few rows more: what was read of the file is let go.
        """
        kind, offset, size = self._places[name]
        shape = self.shapes[name]
        octets = np.frombuffer(self._data, np.uint8, size, self._start + offset).reshape(math.prod(shape[:-1]), -1)
        values = np.empty((len(octets), shape[-1]), np.float32)
        step = max(1, _WEIGHTS_AT_ONCE // shape[-1])
        try:
            for first in range(0, len(octets), step):
                rows = slice(first, first + step)
                part = octets[rows]
                with np.errstate(over="ignore"):  # infinities are refused later
                    values[rows] = part.view("<f8") if kind == GGMLQuantizationType.F64 else dequantize(part, kind)
        except NotImplementedError:
            raise InputError(f"{self._path}: tensor {name} is {kind.name}, which gguf cannot dequantise") from None
        begin = (self._start + offset) // mmap.PAGESIZE * mmap.PAGESIZE
        self._data.madvise(mmap.MADV_DONTNEED, begin, self._start + offset + size - begin)
        return values.reshape(shape)

    def stored(self, name):
        """``(type, bytes)`` of tensor ``name``."""
        kind, _, size = self._places[name]
        return kind.name, size

    def _take(self, size):
        if size > len(self._data) - self._at:
            raise InputError(f"{self._path}: a length points beyond the end of the file (is it cut?)")
        taken = self._data[self._at : self._at + size]
        self._at += size
        return taken

    def _integer(self, code):
        return struct.unpack(code, self._take(struct.calcsize(code)))[0]

    def _string(self):
        try:
            return self._take(self._integer("<Q")).decode("utf-8")
        except UnicodeDecodeError:
            raise InputError(f"{self._path}: a name or text is not UTF-8") from None

    def _value(self, kind):
        if kind == GGUFValueType.STRING:
            return self._string()
        if kind == GGUFValueType.ARRAY:
            item, length = self._integer("<I"), self._integer("<Q")
            if item == GGUFValueType.STRING:
                return [self._string() for _ in range(length)]
            return self._numbers(item, length).copy()
        return self._numbers(kind, 1)[0].item()

    def _numbers(self, kind, length):
        if kind not in _SCALARS:
            raise InputError(f"{self._path}: unknown metadata type {kind}")
        dtype = np.dtype(_SCALARS[kind])
        return np.frombuffer(self._take(length * dtype.itemsize), dtype)

    def _tensor_header(self):
        name = self._string()
        if name in self._places:
            raise InputError(f"{self._path}: tensor {name} appears twice")
        dimensions = self._integer("<I")
        if not 1 <= dimensions <= _MAX_DIMENSIONS:
            raise InputError(f"{self._path}: tensor {name} has {dimensions} dimensions (1 to {_MAX_DIMENSIONS} exist)")
        shape = tuple(self._integer("<Q") for _ in range(dimensions))[::-1]
        code, offset = self._integer("<I"), self._integer("<Q")
        if 0 in shape or math.prod(shape) > 1 << 40:
            raise InputError(f"{self._path}: tensor {name} has the impossible shape {shape}")
        try:
            kind = GGMLQuantizationType(code)
            block, octets = GGML_QUANT_SIZES[kind]
        except (ValueError, KeyError):
            raise InputError(f"{self._path}: tensor {name} has the unknown type {code}") from None
        if shape[-1] % block:
            raise InputError(f"{self._path}: tensor {name} has rows of {shape[-1]}, not whole {kind.name} blocks")
        self.shapes[name] = shape
        self._places[name] = (kind, offset, math.prod(shape) // block * octets)
