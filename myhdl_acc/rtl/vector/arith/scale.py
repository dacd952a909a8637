"""A scale as a record."""

from myhdl_acc.hdl.record import Record, signed


def scale():
    """``mantissa`` (unsigned 16, 2^15 or more) · 2^-``exponent`` (signed 10), as golden.numerics.Scale."""
    return Record(mantissa=16, exponent=signed(10))
