"""What an intermediate result is worth in an HDL: how many of its bits are those that Python computes."""

from dataclasses import dataclass


class Unsafe(Exception):
    """An expression is not worth the same in an HDL; the argument says why."""


def fits(span, width, signed):
    """Whether every value of ``span`` (least, greatest) has a pattern of ``width`` bits."""
    if signed:
        return -(1 << width - 1) <= span[0] and span[1] < 1 << width - 1
    return 0 <= span[0] and span[1] < 1 << width


def bits_of(span):
    """Bits that hold every value of ``span``, with a sign if one is negative."""
    return max(n.bit_length() if n >= 0 else (~n).bit_length() for n in span) + (span[0] < 0)


@dataclass
class Bits:
    """A vector of ``width`` bits in the HDL for a Python value within ``span``; the low ``good`` bits are right."""

    width: int
    signed: bool
    good: int
    span: tuple
    cause: "Bits" = None  # what made bits wrong

    @property
    def exact(self):
        """Whether the vector, read as a number, is the Python value."""
        return self.good >= self.width and fits(self.span, self.width, self.signed)

    @property
    def extended(self):
        """Right bits after extension to any width."""
        return 1 << 32 if self.exact else self.good

    def require_exact(self):
        """Raise Unsafe if the number is not the Python value."""
        if not self.exact:
            first = self.cause or self
            sign = " with a sign" if first.span[0] < 0 and not first.signed else ""
            bits = min(first.good, first.width)
            raise Unsafe(
                f"an intermediate result needs {bits_of(first.span)} bits{sign}, but {{}} computes only {bits}"
            )
        return self
