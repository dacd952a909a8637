"""Sums or maxima over columns, by a butterfly."""

import numpy as np


def butterfly(values, maximum, first_stage):
    """``values`` (…, C) with C a power of two: stage k joins columns c and c xor 2^k, from stage ``first_stage`` on.

    By their maximum if ``maximum``, else by their sum. So column c gets the result over all columns that have the
    lowest ``first_stage`` bits of its number.
    """
    values = np.asarray(values, np.int64)
    columns = np.arange(values.shape[-1])
    for stage in range(first_stage, values.shape[-1].bit_length() - 1):
        partners = values[..., columns ^ (1 << stage)]
        values = np.maximum(values, partners) if maximum else values + partners
    return values
