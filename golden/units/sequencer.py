"""The sequencer: the loop nest of an operation, beat by beat.

Twin of the RTL block of the same name; the table of loop counts is in docs/engine.md.
"""

from itertools import product

SCALE_PERIOD = 16  #: weight beats that one w4 scale beat serves


def sequencer(mode, outer, middle, inner):
    """The accepted beats of an operation, in order: a list of dicts.

    ``mode``: w2, w4, w8, qk or pv; ``outer``, ``middle``, ``inner``: loop counts. A scale beat is ``{"scale": True}``;
    a weight beat has its ``phase``, its ``address`` (the middle index), and the flags ``swap`` (begins a slice),
    ``first``/``last`` (of the group of beats that one output has in the slice), ``fresh`` (the operation's first pass
    over the outputs) and ``done`` (the operation's last beat).
    """
    beats = []
    for count, (o, m, i) in enumerate(product(range(outer), range(middle), range(inner))):
        if mode == "w4" and count % SCALE_PERIOD == 0:
            beats.append({"scale": True})
        begins = m == 0 and i == 0
        beats.append(
            {
                "scale": False,
                "phase": o % 2 if mode == "pv" else 0 if mode == "w2" else i,
                "address": m,
                "swap": begins and not (mode == "pv" and o % 2 == 1),
                "first": i == 0,
                "last": i == inner - 1,
                "fresh": o == 0,
                "done": (o, m, i) == (outer - 1, middle - 1, inner - 1),
            }
        )
    return beats
