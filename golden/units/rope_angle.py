"""Cosine and sine of the angles of rotary position embedding."""

import numpy as np

from golden.numerics import interpolate, sine_table

PHASE_BITS = 48  #: a turn is 2^48: the width of a DSP48E2 accumulator
_TABLE_BITS = 26  # of the phase; 2 select the quadrant, 8 the table entry, 16 interpolate


def phase_increments(frequencies):
    """``frequencies`` (pairs,) in radians a position as angles in 2^-48 turns: (pairs,) int64, modulo a turn."""
    turns = np.asarray(frequencies, np.float64) / (2 * np.pi)
    return np.floor(turns % 1 * 2.0**PHASE_BITS + 0.5).astype(np.int64) & ((1 << PHASE_BITS) - 1)


def cosine_sine(position, increments):
    """``(cos, sin)`` of ``position`` (…) < 2^31 for each pair: (…, pairs) int64 with 16 fraction bits, 18-bit signed.

    The phase accumulates modulo a turn, so its error is position/2 units of 2^-48 turns: 2^-31 turns at position 2^18.
    The table adds at most 1.5·2^-16 (tests/golden/test_golden_rope.py).
    """
    # uint64 wraps modulo 2^64, a multiple of the turn.
    phase = np.asarray(position, np.uint64)[..., None] * increments.astype(np.uint64)
    phase &= np.uint64((1 << PHASE_BITS) - 1)
    phase = (phase >> np.uint64(PHASE_BITS - _TABLE_BITS)).astype(np.int64)
    return _sine(phase + (1 << (_TABLE_BITS - 2))), _sine(phase)


def _sine(phase):
    quarter = 1 << (_TABLE_BITS - 2)
    quadrant = phase >> (_TABLE_BITS - 2) & 3
    within = phase & (quarter - 1)
    # The mirrored quadrants read at quarter − within, which may be the table's last entry itself.
    within = np.where(quadrant & 1, quarter - within, within)
    last = within == quarter
    value = np.where(last, sine_table()[-1], interpolate(sine_table(), np.where(last, 0, within), _TABLE_BITS - 10))
    return np.where(quadrant >= 2, -value, value)
