"""Random words for streams, and the comparison of what came out with what should have.

Words are mappings of fields to arrays as ``simulate`` uses them: int64, or for a field wider than 63 bits uint8 of
shape (words, ⌈width / 8⌉), little endian.
"""

import numpy as np

WIDEST_INTEGER = 63


def random_words(fields, count, seed):
    """``count`` random words for ``fields``, ``{name: (width, signed)}``; one value in four is an extreme one."""
    rng = np.random.default_rng(seed)
    return {name: random_field(width, signed, count, rng) for name, (width, signed) in fields.items()}


def random_field(width, signed, count, rng):
    """A column of random values of a field; a quarter of them are the least or the greatest value."""
    extreme = rng.random(count) < 0.25
    if width <= WIDEST_INTEGER:
        low, high = (-(1 << width - 1), (1 << width - 1) - 1) if signed else (0, (1 << width) - 1)
        values = rng.integers(low, high, count, dtype=np.int64, endpoint=True)
        return np.where(extreme, rng.choice(np.array([low, high], np.int64), count), values)
    size = -(-width // 8)
    column = rng.integers(0, 256, (count, size), dtype=np.uint8)
    column[extreme] = rng.choice(np.array([0, 255], np.uint8), count)[extreme, None]
    column[:, -1] &= (1 << (width - 8 * (size - 1))) - 1
    return column


def check_words(observed, expected, stream="source"):
    """Raises AssertionError at the first word in which ``observed`` differs from ``expected``, or for missing words."""
    if observed.keys() != expected.keys():
        raise AssertionError(f"{stream}: fields {list(observed)} came out, {list(expected)} were expected")
    for name, wanted in expected.items():
        wanted, seen = np.asarray(wanted), np.asarray(observed[name])
        common = min(len(wanted), len(seen))
        differs = (wanted[:common] != seen[:common]).reshape(common, -1).any(axis=1)
        if differs.any():
            word = int(np.argmax(differs))
            raise AssertionError(
                f"{stream}: word {word} of {len(wanted)}: {name} is {_shown(seen[word])}, it should be "
                f"{_shown(wanted[word])} ({int(differs.sum())} words differ)"
            )
        if len(wanted) != len(seen):
            raise AssertionError(f"{stream}: {len(seen)} words came out, {len(wanted)} were expected")


def _shown(value):
    return hex(int.from_bytes(value.tobytes(), "little")) if np.ndim(value) else str(int(value))


def check_run(run, expected):
    """check_words() for every stream of ``expected`` in the outputs of a run.

    expected: ``{stream: {field: array}}``, or ``{stream: count}`` for a stream without payload.
    """
    for stream, words in expected.items():
        check_words(run.outputs[stream], words if isinstance(words, dict) else {}, stream)
