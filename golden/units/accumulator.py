"""The accumulator: exact sums of beats within a slice and of slices; final sums in two banks.

Twin of the RTL block of the same name.
"""


def accumulator(beats):
    """Results in memory after ``beats``: ``{(bank, address): [tap 0, tap 1]}``.

    A beat is ``(first, last, fresh, complete, bank, address, tap 0, tap 1)``: ``first`` and ``last`` mark the ends of a
    group; with ``last`` the group's sum is added to the word, or replaces it if ``fresh``; with ``complete`` the word
    becomes the result.
    """
    words, results = {}, {}
    group = [0, 0]
    for first, last, fresh, complete, bank, address, *taps in beats:
        group = list(taps) if first else [a + b for a, b in zip(group, taps, strict=True)]
        if last:
            old = [0, 0] if fresh else words[address]
            words[address] = [a + b for a, b in zip(old, group, strict=True)]
            if complete:
                results[bank, address] = words[address]
    return results
