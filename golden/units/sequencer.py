"""The sequencer: the loop nest of an operation, beat by beat.

Twin of the RTL block of the same name; the table of loop counts is in docs/engine.md.
"""

from itertools import product

import numpy as np

SCALE_PERIOD = 16  #: weight beats that one w4 scale beat serves


def operation_beats(mode, outer, middle, inner, params=0):
    """How many beats an operation has: as many as sequencer() gives."""
    weights = 0 if mode == "meta" else outer * middle * inner
    return params + weights + (-(-weights // SCALE_PERIOD) if mode == "w4" else 0)


def scale_beats(weights):
    """Which beats of ``weights`` weight beats of w4 and their scale beats are scale beats: a bool for each."""
    return np.arange(operation_beats("w4", weights, 1, 1)) % (1 + SCALE_PERIOD) == 0


def slices(mode, outer):
    """How many stationary slices an operation takes: pv meets each in two rounds."""
    return {"meta": 0, "pv": -(-outer // 2)}.get(mode, outer)


def sequencer(mode, outer, middle, inner, params=0, more=False, adds=False):
    """The accepted beats of an operation, in order: a list of dicts.

    ``mode``: w2, w4, w8, qk, pv or meta; ``outer``, ``middle``, ``inner``: loop counts (meta has no beats of the
    loop nest); ``params``: parameter beats; ``more``: the next operation ``adds`` to its sums. Every beat has a
    ``kind``: ``parameter`` (with its ``number``), ``scale`` or ``weights``. A weight beat has its ``phase``, its
    ``address`` (the middle index), its ``outer`` index, and the flags ``swap`` (begins a slice), ``first``/``last``
    (of the group of beats that one output has in the slice) and ``fresh`` (the operation's first pass over the
    outputs). ``result``: with this beat an output is final, or all of meta's are.
    """
    meta = mode == "meta"
    beats = [
        {"kind": "parameter", "number": number, "result": meta and number == params - 1} for number in range(params)
    ]
    if meta:
        return beats
    for count, (o, m, i) in enumerate(product(range(outer), range(middle), range(inner))):
        if mode == "w4" and count % SCALE_PERIOD == 0:
            beats.append({"kind": "scale", "result": False})
        begins = m == 0 and i == 0
        beats.append(
            {
                "kind": "weights",
                "phase": o % 2 if mode == "pv" else 0 if mode == "w2" else i,
                "address": m,
                "outer": o,
                "swap": begins and not (mode == "pv" and o % 2 == 1),
                "first": i == 0,
                "last": i == inner - 1,
                "fresh": o == 0 and not adds,
                "result": o == outer - 1 and i == inner - 1 and not more,
            }
        )
    return beats
