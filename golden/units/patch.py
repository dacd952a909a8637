"""The patch: a new token's key, values or parameter in the beats of a lane's cache.

Twin of the RTL block of the same name; docs/accelerator.md says where a token lies.
"""

import numpy as np


def token_position(slot, lane, heads_log2, lanes, atoms):
    """The position of the token in ``slot`` among the tokens of ``lane``, or None if another lane has it."""
    shares = lanes >> heads_log2
    block, offset = divmod(slot, 16 * atoms)
    if block % shares != lane >> heads_log2:
        return None
    return block // shares * 16 * atoms + offset


def patch(beats, mode, code, params, middle, split, positions, nibbles, parameters):
    """Patched beats of an operation, and the numbers of those that were patched.

    ``beats``: uint8 (beats, 8·atoms), parameter beats first; ``mode``: qk, pv or meta; ``code``: 0 none, 1 key, 2
    value; ``params``, ``middle``, ``split``: as in the command (outer and inner do not matter to qk and pv).
    ``positions``: per row the position of its token in this lane, or None; ``nibbles``: (rows, 16·atoms) values of
    −8…7; ``parameters``: (rows,) 32-bit words. Rows are patched in order.
    """
    beats = np.array(beats)
    patched = set()
    if code == 0:
        return beats, []
    atoms = beats.shape[1] // 8
    block = 16 * atoms

    def put(number, first, bits):
        """Replace the nibbles from ``first`` on of beat ``number``, if the operation has it."""
        if number >= len(beats):
            return
        old = np.stack([beats[number] & 15, beats[number] >> 4], axis=-1).reshape(-1)
        old[first : first + len(bits)] = np.asarray(bits) & 15
        beats[number] = old[0::2] | old[1::2] << 4
        patched.add(number)

    for position, values, parameter in zip(positions, nibbles, parameters, strict=True):
        if position is None:
            continue
        if mode != "pv":
            number, word = divmod(position, 2 * atoms)
            if number < params:
                put(number, 8 * word, [int(parameter) >> 4 * i for i in range(8)])
        if mode == "qk" and code == 1:
            index, half = divmod(position, 2) if split else (position, 0)
            if index < middle:
                put(params + index, half * block // 2, values[: block // 2] if split else values)
        if mode == "pv":
            for dimension in range(middle):
                put(params + position // block * middle + dimension, position % block, [values[dimension]])
    return beats, sorted(patched)
