"""The load unit: which words of activations, and new keys and values, go to which lane of the engine."""

import numpy as np

#: What a word belongs to.
SLICE, NEW_KEY, NEW_VALUE = range(3)
WORD = 32  #: elements of a row in a word of the activation buffer
ATOM = 16  #: dimensions of a head in a word for the engine


def load_unit(op, fields, buffer, table, lanes, atoms):
    """The words that a load instruction sends, in order: ``(lane, broadcast, kind, data)``.

    ``buffer`` int8 (words, rows, 32), ``table`` uint32 (entries, rows): the parameters of new keys and values. ``data``
    is uint8 (rows · 32); ``lane`` is 0 where ``broadcast`` is 1. No rounding: the words are moved.
    """
    if op == "slice":
        words = np.zeros((fields["words"], *buffer.shape[1:]), np.int8)
        used = min(fields["words"], fields["valid"])
        words[:used] = buffer[fields["address"] : fields["address"] + used]
        return [(0, 1, SLICE, as_bytes(word)) for word in words]
    kind = {"query": SLICE, "key": NEW_KEY, "value": NEW_VALUE}[op]
    sent = []
    for lane in range(lanes):
        head = min(lane % (1 << fields["heads_log2"]), fields["heads"] - 1)
        first = fields["address"] + head * fields["stride"]
        vector = buffer[first : first + fields["dims"] // WORD].swapaxes(0, 1).reshape(buffer.shape[1], -1)
        sent += [(lane, 0, kind, as_bytes(word)) for word in spread(vector, atoms, op == "query")]
        if op != "query":
            word = np.zeros((buffer.shape[1], WORD), np.uint8)
            word[:, :4] = table[fields["entry"] + head].astype("<u4").view(np.uint8).reshape(-1, 4)
            sent.append((lane, 0, kind, word.reshape(-1)))
    return sent


def spread(vector, atoms, is_query):
    """A head's ``vector`` int8 (rows, dims) as ``atoms`` words int8 (atoms, rows, 32): element 16a + 2g + i of a row is
    byte 4g + i of word a. A query that fills at most half a beat is there twice, as a beat has two tokens then."""
    rows, dims = vector.shape
    padded = np.zeros((rows, ATOM * atoms), np.int8)
    padded[:, :dims] = vector
    half = ATOM * atoms // 2
    if is_query and dims <= half:
        padded[:, half:] = padded[:, :half]
    words = np.zeros((rows, atoms, 8, 2, 2), np.int8)
    words[:, :, :, 0] = padded.reshape(rows, atoms, 8, 2)
    return words.reshape(rows, atoms, WORD).swapaxes(0, 1)


def as_bytes(word):
    return np.ascontiguousarray(word).view(np.uint8).reshape(-1)
