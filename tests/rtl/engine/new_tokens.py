"""New keys and values as words for the lanes' patch buffers."""

import numpy as np

from golden.units.load_unit import head_words, parameter_word


def token_words(nibbles, parameters, config):
    """Load words of one lane's newest keys or values: uint8 (atoms + 1, rows · 32).

    ``nibbles``: (rows, up to 16·atoms) values of −8…7; ``parameters``: (rows,) 32-bit words.
    """
    words = [head_words(np.asarray(nibbles, np.int8), config.atoms, False), parameter_word(parameters)]
    return np.concatenate(words).view(np.uint8).reshape(config.atoms + 1, -1)
