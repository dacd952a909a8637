"""Residual addition."""

from golden.numerics import saturate


def residual_add(x, y):
    """``x + y`` of two int32 arrays, saturating at 32 bits; exact below that. One element per lane and cycle."""
    return saturate(x + y)
