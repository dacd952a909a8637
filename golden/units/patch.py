"""The patch: a new token's key, values or parameter in the beats of a lane's cache.

Twin of the RTL block of the same name; golden.layout says where a token lies.
"""

import numpy as np

from golden.formats import nibbles
from golden.layout import met

NO_PATCH, PATCH_KEY, PATCH_VALUE = range(3)  #: what a command patches


def new_tokens(words):
    """Nibbles (…, rows, 16·atoms) and parameters (…, rows) in the load unit's ``words`` (…, atoms + 1, rows, 32)."""
    words = words.swapaxes(-3, -2)
    parameters = np.ascontiguousarray(words[..., -1, :4]).view("<u4")[..., 0]
    return met(words[..., :-1, :], 0), parameters


def patch(beats, mode, code, params, middle, split, positions, tokens, parameters):
    """Patched beats of an operation, and the numbers of those that were patched.

    ``beats``: uint8 (beats, 8·atoms), parameter beats first; ``mode``: qk, pv or meta; ``code``: NO_PATCH, PATCH_KEY or
    PATCH_VALUE; ``params``, ``middle``, ``split``: as in the command (outer and inner do not matter to qk and pv).
    ``positions``: per row the position of its token in this lane, or None; ``tokens``: (rows, 16·atoms) values of
    −8…7; ``parameters``: (rows,) 32-bit words. Rows are patched in order.
    """
    beats, patched = np.array(beats), set()
    atoms = beats.shape[1] // 8
    block = 16 * atoms
    for position, values, parameter in zip(positions, tokens, parameters, strict=True):
        if code == NO_PATCH or position is None:
            continue
        number, word = divmod(position, 2 * atoms)
        if mode != "pv" and number < params:
            beats[number].view("<u4")[word] = parameter
            patched.add(number)
        index, half = divmod(position, 1 + split)
        if mode == "qk" and code == PATCH_KEY and index < middle:
            dims = block // (1 + split)
            key = nibbles.join(np.asarray(values[:dims], np.int8).reshape(-1, nibbles.SLOTS)).view(np.uint8)
            beats[params + index, half * dims // 2 :][: dims // 2] = key
            patched.add(params + index)
        if mode == "pv":
            first = params + position // block * middle
            numbers = range(first, min(first + middle, len(beats)))
            byte, high = divmod(position % block, 2)
            old, new = beats[numbers, byte], np.asarray(values[: len(numbers)]).astype(np.uint8) & 15
            beats[numbers, byte] = old & 15 | new << 4 if high else old & 240 | new
            patched.update(numbers)
    return beats, sorted(patched)
