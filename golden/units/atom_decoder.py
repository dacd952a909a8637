"""The atom decoder: a 64-bit atom becomes 16 four-bit factors and the activations they meet.

Twin of the RTL block of the same name; layouts in docs/formats.md. Combinational: one atom per cycle.
"""

import numpy as np

from golden.formats import nibbles, w2

MODES = ("w2", "w4", "w8", "kv4")


def atom_decoder(atom, mode, phase):
    """Decode ``atom`` (…) uint64 in phase ``phase`` (0 for w2, 0…1 for w4 and kv4, 0…3 for w8).

    Returns ``(factors (…, 16) int8 in −8…7, positions (…, 16) uint8 in 0…3, scale (…) uint8, illegal (…) bool)``. Slot
    ``s`` multiplies activation ``4·(s//2) + positions[s]`` of the atom's 32. ``scale`` is the atom's own in w2 and 1 in
    the formats that keep it elsewhere. An illegal w2 code, or a high digit of −8 in w8, decodes to zero factors and
    raises ``illegal``.
    """
    atom = np.asarray(atom, np.uint64)
    if mode == "w2":
        code = w2.codes(atom)
        factors = w2.CODE_FACTORS[code].reshape(*atom.shape, 16)
        positions = w2.CODE_POSITIONS[code].reshape(*atom.shape, 16)
        return factors, positions, w2.scales(atom), (code > w2.NONE_KEPT).any(-1)
    slot = np.arange(16)
    position = np.full(16, phase) if mode == "w8" else 2 * phase + slot % 2
    positions = np.broadcast_to(position.astype(np.uint8), (*atom.shape, 16))
    factors = nibbles.split(atom)
    unbalanced = (factors[..., 1::2] == -8) & (mode == "w8")
    factors = np.where(np.repeat(unbalanced, 2, axis=-1), np.int8(0), factors)
    return factors, positions, np.ones(atom.shape, np.uint8), unbalanced.any(-1)
