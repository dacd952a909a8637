"""What the bits of a 64-bit atom of weights mean, and what becomes of the products when one of them flips."""

import re
from dataclasses import dataclass

import numpy as np

from golden.errors import InputError
from golden.formats.matrix import BLOCK, PHASES, PackedMatrix
from golden.units.atom_decoder import atom_decoder

BITS = 64
ACTIVATIONS = np.arange(1, BLOCK + 1, dtype=np.int8)
"""What the weights of an example meet: each position a number of its own, so that products tell positions apart."""


@dataclass(frozen=True)
class Field:
    """``width`` bits from bit ``first`` on, and what they hold."""

    first: int
    width: int
    name: str


@dataclass(frozen=True)
class Product:
    """What a slot of the atom multiplies: ``factor`` with the activation at ``position`` of the block."""

    slot: int
    position: int
    factor: int
    product: int


def parse_weights(text):
    """int8 (32,) of integers between spaces or commas; missing ones are zeros. Raises InputError for anything else."""
    words = text.replace(",", " ").split()
    for word in words:
        if not re.fullmatch("[+-]?[0-9]{1,9}", word):
            raise InputError(f"weights are integers, not {word[:20]!r}")
    values = [int(word) for word in words]
    if len(values) > BLOCK:
        raise InputError(f"a block has {BLOCK} weights, not {len(values)}")
    if any(not -128 <= value <= 127 for value in values):
        raise InputError("weights must lie in −128 to 127")
    return np.array(values + [0] * (BLOCK - len(values)), np.int8)


def atoms(kind, weights, scale):
    """uint64 (phases,) of a block of weights; ``scale`` 0…255 is in the atom of ``w2`` and beside those of ``w4``.

    Raises InputError for weights that the format cannot hold.
    """
    scales = None if kind == "w8" else np.full((1, 1), scale, np.uint8)
    return PackedMatrix.pack(kind, weights[None], scales).atoms[0, 0]


def fields(kind, phase):
    """The Fields of an atom, from bit 0 on."""
    if kind == "w2":
        groups = [Field(7 * group, 7, f"group {group}: weights {4 * group}–{4 * group + 3}") for group in range(8)]
        return [*groups, Field(56, 8, "block scale")]
    if kind == "w4":
        return [
            Field(4 * slot, 4, f"weight {4 * (slot // 2) + 2 * phase + slot % 2}") for slot in range(2 * BLOCK // 4)
        ]
    digits = ("low digit", "high digit (times 16)")
    return [
        Field(8 * group + 4 * digit, 4, f"weight {4 * group + phase}, {digits[digit]}")
        for group in range(8)
        for digit in range(2)
    ]


def field_at(kind, phase, bit):
    """The Field that a bit belongs to."""
    return next(field for field in fields(kind, phase) if field.first <= bit < field.first + field.width)


def products(kind, phase, atom):
    """``([Product of each slot], scale, illegal)``: what the hardware's atom decoder makes of an atom."""
    factors, positions, scale, illegal = atom_decoder(np.uint64(atom), kind, phase)
    found = []
    for slot, (factor, position) in enumerate(zip(factors.tolist(), positions.tolist(), strict=True)):
        place = 4 * (slot // 2) + position
        found.append(Product(slot, place, factor, factor * int(ACTIVATIONS[place])))
    return found, int(scale), bool(illegal)


def flipped(atom, bit):
    """The atom with one bit turned over."""
    return np.uint64(atom) ^ np.uint64(1 << bit)


def changed(kind, phase, before, after):
    """``[(Product before, Product after)]`` of the slots in which two atoms differ."""
    pairs = zip(products(kind, phase, before)[0], products(kind, phase, after)[0], strict=True)
    return [(old, new) for old, new in pairs if old != new]


def grid(kind):
    """The integers that a weight of the format can be, before its scale."""
    return {"w2": [-3, -1, 0, 1, 3], "w4": list(range(-8, 8)), "w8": list(range(-119, 120))}[kind]


def level_counts(matrix):
    """int64, how many weights of a PackedMatrix have each value of grid()."""
    weights, _ = matrix.unpack()
    levels = grid(matrix.kind)
    return np.bincount(weights.ravel().astype(np.int64) - levels[0], minlength=levels[-1] - levels[0] + 1)[
        np.array(levels) - levels[0]
    ]


def value_histogram(matrix, bins=101):
    """``(counts, edges)`` of the real weights that a QuantisedMatrix stands for."""
    values = matrix.to_float()
    top = float(np.abs(values).max()) or 1.0
    return np.histogram(values, bins, (-top, top))


def kinds():
    """The formats of weights, the smallest first."""
    return list(PHASES)
