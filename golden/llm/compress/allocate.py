"""Which matrix gets how many bits."""

import math

import numpy as np

from golden.errors import InputError

BITS = {"w2": 2.0, "w4": 4.25, "w8": 8.0}  #: per weight with its block scale; the float per channel is not counted
_UNITS = 20_000  # the budget is divided into at most so many


def allocate(losses, sizes, budget):
    """``{matrix: kind}`` with the least sum of ``losses`` ({matrix: {kind: loss}}) within ``budget`` bits on average.

    ``sizes`` ({matrix: weights}) weighs the average. A knapsack, solved by dynamic programming: exact where the
    matrices have few different sizes, as in any transformer; otherwise costs are rounded up to a 20,000th of the
    budget, so that it is never exceeded. Raises InputError for a budget below the cheapest kinds, and for losses
    that are not finite.
    """
    names = list(losses)
    if not all(math.isfinite(loss) for name in names for loss in losses[name].values()):
        raise InputError("budget: the losses are not finite")
    total = sum(sizes[name] for name in names)
    # In quarters of a bit, costs are whole numbers.
    grain = math.gcd(*(sizes[name] for name in names))
    available = math.floor(budget * 4 * total / grain + 1e-9)
    coarse = max(1, -(-available // _UNITS))
    available //= coarse
    costs = {kind: bits * 4 / grain / coarse for kind, bits in BITS.items()}
    best = np.zeros(available + 1)  # least loss of the matrices so far at a cost of at most the index
    choices = []
    for name in names:
        options = sorted(losses[name])
        tried = np.full((len(options), available + 1), np.inf)
        for option, kind in enumerate(options):
            cost = math.ceil(costs[kind] * sizes[name] - 1e-9)
            if cost <= available:
                tried[option, cost:] = best[: available + 1 - cost] + losses[name][kind]
        choice = tried.argmin(0)
        best = tried[choice, np.arange(available + 1)]
        choices.append((name, options, choice))
    if not math.isfinite(best[-1]):
        least = sum(min(BITS[kind] for kind in losses[name]) * sizes[name] for name in names) / total
        raise InputError(f"budget: {budget:g} bits per weight are too few; {least:g} is the least")
    kinds, left = {}, available
    for name, options, choice in reversed(choices):
        kinds[name] = options[choice[left]]
        left -= math.ceil(costs[kinds[name]] * sizes[name] - 1e-9)
    return {name: kinds[name] for name in names}
