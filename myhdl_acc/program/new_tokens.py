"""New keys and values as words for the lanes' patch buffers."""

import numpy as np


def token_words(nibbles, parameters, config):
    """Load words of one lane's newest keys or values: uint8 (atoms + 1, rows · 32).

    ``nibbles``: (rows, up to 16·atoms) values of −8…7; ``parameters``: (rows,) 32-bit words.
    """
    atoms, rows = config.atoms, config.rows
    padded = np.zeros((rows, 16 * atoms), np.uint8)
    padded[:, : np.shape(nibbles)[1]] = np.asarray(nibbles).astype(np.uint8) & 15
    words = np.zeros((atoms + 1, rows, 8, 4), np.uint8)
    # Value 16a + 2g + i lies in byte 4g + i of word a.
    words[:atoms, :, :, :2] = padded.reshape(rows, atoms, 8, 2).transpose(1, 0, 2, 3)
    words[atoms, :, 0] = np.ascontiguousarray(parameters, "<u4").view(np.uint8).reshape(rows, 4)
    return words.reshape(atoms + 1, rows * 32)
