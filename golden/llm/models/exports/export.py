"""What a quantised export is, and what the kinds have in common."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from golden.errors import InputError
from golden.llm.models.safetensors_file import FLOATS, SafetensorsFile


@dataclass(frozen=True)
class Matrix:
    """A quantised matrix: its ``shape`` (output channels, inputs), and ``fetch()``, which gives it as float32."""

    shape: tuple
    fetch: Callable[[], np.ndarray]


@dataclass(frozen=True)
class Export:
    """``name``: its ``quant_method``. ``reader(settings)`` takes the Constants of quantization_config and gives a
    function from Parts to the Matrix.

    ``parts``: how the names of the tensors end that a matrix consists of, besides ``weight``. ``spare``: how those end
    that only say how activations or the cache are quantised elsewhere.
    """

    name: str
    reader: Callable
    parts: tuple
    spare: tuple = ()


@dataclass(frozen=True)
class Part:
    """Tensor ``name`` of ``file``, mapped: nothing is read before ints() or floats()."""

    file: SafetensorsFile
    name: str

    @property
    def shape(self):
        return self.file.shapes[self.name]

    @property
    def kind(self):
        return self.file.kinds[self.name]

    def ints(self):
        return self.file.array(self.name)

    def floats(self):
        return self.file.floats(self.name)

    def refusal(self, should):
        """The InputError that says what the tensor ``should`` be."""
        return InputError(f"{self.file.path}: tensor {self.name} is {self.kind} {self.shape}, it should be {should}")


class Parts:
    """The tensors of the matrix of ``module``, by the ends of their names; ``holders`` {tensor: SafetensorsFile}."""

    def __init__(self, module, holders):
        self._module, self._holders = module, holders
        self.taken = set()  #: ends of the names that were asked for

    def __contains__(self, ending):
        return f"{self._module}.{ending}" in self._holders

    def take(self, ending, *kinds, shape=None):
        """The Part that ends in ``ending``. Raises InputError if it is missing, none of ``kinds`` (floats if there are
        none), or not of ``shape``, where one is given.
        """
        name = f"{self._module}.{ending}"
        self.taken.add(ending)
        if ending not in self:
            path = next(file.path for tensor, file in self._holders.items() if tensor.startswith(f"{self._module}."))
            raise InputError(f"{path}: tensor {name} is missing, which belongs to a quantised matrix")
        part = Part(self._holders[name], name)
        if part.kind not in (kinds or FLOATS):
            raise part.refusal(" or ".join(kinds or FLOATS))
        if shape is not None and part.shape != shape:
            raise part.refusal(shape)
        return part

    def matrix(self, ending, *kinds):
        """The Part that take() gives, which is a matrix without an empty side, or InputError."""
        part = self.take(ending, *kinds)
        if len(part.shape) != 2 or 0 in part.shape:
            raise part.refusal("a matrix")
        return part


def cells(shape, block):
    """How many blocks of the size ``block`` cover ``shape``, by axis; the last ones may be cut."""
    return tuple(-(-size // step) for size, step in zip(shape, block, strict=True))


def owners(shape, block):
    """The cell that each row and each column of ``shape`` lies in: what an array of the cells() is indexed with."""
    return np.ix_(*(np.arange(size) // step for size, step in zip(shape, block, strict=True)))


def unpack(words, bits):
    """(rows, n) int32 as (rows, n·32/bits) uint8, the lowest bits first; ``bits`` is 4 or 8."""
    octets = np.ascontiguousarray(words, "<i4").view(np.uint8)
    return octets if bits == 8 else np.stack([octets & 15, octets >> 4], axis=-1).reshape(len(octets), -1)


def groups(part, count):
    """The group of every input, as the tensor ``part`` numbers them.

    Raises InputError for a number that is none of ``count``.
    """
    numbers = np.asarray(part.ints())
    if len(numbers) and not 0 <= numbers.min() <= numbers.max() < count:
        raise InputError(f"{part.file.path}: tensor {part.name} holds numbers that are none of {count} groups")
    return numbers
