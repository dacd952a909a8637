"""Λ-shaped attention as a grid: which token each query meets, and what was evicted before it."""

import numpy as np

LATER, WINDOW, SINK, FAR_SINK, EVICTED = range(5)
NAMES = ("later", "kept: window", "kept: sink", "kept: sink, distance capped", "evicted")
"""What a token is to a query: not there yet; one of the last ``window``; one of the first ``sinks``, at its own
distance or at the capped one; no longer in the cache."""
COLOURS = ("#FFFFFF", "#0072B2", "#0B5731", "#7DB938", "#E2E2E2")


def lambda_grid(rule, tokens):
    """uint8 (tokens, tokens): what token ``column`` is to the query at position ``row``, as numbers into NAMES."""
    position = np.arange(tokens)
    query = position[:, None]
    grid = np.where(rule.meets(query, position), WINDOW, EVICTED)
    sink = (position < rule.sinks) & (position <= query - rule.window)
    grid[sink] = SINK
    grid[sink & np.array([rule.capped(number) for number in range(tokens)])[:, None]] = FAR_SINK
    grid[position > query] = LATER
    return grid.astype(np.uint8)


def kept_text(rule, pieces, query):
    """What a query at position ``query`` sees of the ``pieces`` (texts) of all tokens, ``…`` for what it does not."""
    met = rule.meets(query, np.arange(query + 1))
    shown = []
    for piece, seen in zip(pieces[: query + 1], met.tolist(), strict=True):
        if seen:
            shown.append(piece)
        elif not shown or shown[-1] != "…":
            shown.append("…")
    return "".join(shown)
