"""One over the softmax total."""

from golden.numerics import normalise, reciprocal


def total_inverse(total):
    """1/``total`` (…) int64 > 0 as a Scale; relative error ≤ 2^-14.4. A total of 0 counts as 1."""
    return reciprocal(normalise(total))
