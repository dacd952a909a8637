"""The load unit: which words of activations, and new keys and values, go to which lane of the engine."""

import numpy as np

from golden.layout import WORD, spread

#: What a word belongs to.
SLICE, NEW_KEY, NEW_VALUE = range(3)


def load_unit(op, fields, read, parameter, lanes, atoms):
    """``(kind, words)`` that a load instruction sends: int8 (lanes, words, rows, 32); of ``slice`` one lane's for all.

    ``read(first, count)``: int8 (count, rows, 32) from word ``first`` of the activation buffer; ``parameter(entry)``:
    uint32 (rows,) of the table of heads. Row 0 of a new key or value is that of row ``row``. No rounding: the words are
    moved.
    """
    if op == "slice":
        known = read(fields["address"], min(fields["words"], fields["valid"]))
        words = np.zeros((1, fields["words"], *known.shape[1:]), np.int8)
        words[0, : len(known)] = known
        return SLICE, words
    kind = {"query": SLICE, "key": NEW_KEY, "value": NEW_VALUE}[op]
    heads = []
    for head in range(fields["heads"]):
        vector = read(fields["address"] + head * fields["stride"], fields["dims"] // WORD).swapaxes(0, 1)
        words = head_words(vector.reshape(len(vector), -1), atoms, twice=op == "query")
        if op != "query":
            words = np.concatenate([words, parameter_word(parameter(fields["entry"] + head))])
            words[:, 0] = words[:, fields["row"]]
        heads.append(words)
    head_of_lane = np.minimum(np.arange(lanes) % (1 << fields["heads_log2"]), fields["heads"] - 1)
    return kind, np.stack(heads)[head_of_lane]


def head_words(vector, atoms, twice):
    """A head's ``vector`` int8 (rows, dims) as int8 (atoms, rows, 32).

    ``twice``: a vector that fills at most half a beat is there twice, as a beat has two tokens then.
    """
    padded = np.zeros((len(vector), 16 * atoms), np.int8)
    padded[:, : vector.shape[1]] = vector
    if twice and vector.shape[1] <= 8 * atoms:
        padded[:, 8 * atoms :] = padded[:, : 8 * atoms]
    return spread(padded, 1).swapaxes(0, 1)


def parameter_word(parameters):
    """``parameters`` uint32 (rows,) as a word int8 (1, rows, 32)."""
    word = np.zeros((1, len(parameters), WORD), np.int8)
    word[0, :, :4] = parameters.astype("<u4").view(np.int8).reshape(-1, 4)
    return word
