"""Gap arrays: how long drivers hold each word of a stream back (``gaps`` of ``simulate``'s ``run``)."""

import numpy as np

from golden.errors import InputError


def never(count, rng):
    """No gaps: the stream runs at full speed."""
    return np.zeros(count, np.int64)


def always(count, rng):
    """A cycle before every word: half speed."""
    return np.ones(count, np.int64)


def random(count, rng):
    """Independent gaps of 0 to 3 cycles."""
    return rng.integers(0, 4, count)


def bursty(count, rng):
    """Full speed, interrupted by a pause of 5 to 25 cycles before one word in ten."""
    return np.where(rng.random(count) < 0.1, rng.integers(5, 26, count), 0)


KINDS = {kind.__name__: kind for kind in (never, always, random, bursty)}


def gap_array(kind, count, seed):
    """Gaps of a kind of KINDS before each of ``count`` words, in cycles (int64). The same seed gives the same gaps.

    Raises InputError for an unknown kind.
    """
    if kind not in KINDS:
        raise InputError(f"back-pressure: no kind {kind!r}; there are {', '.join(KINDS)}")
    return KINDS[kind](count, np.random.default_rng(seed))
