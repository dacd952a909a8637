"""The divisors of an ECP5's PLL."""

from dataclasses import dataclass

from golden.errors import InputError

#: Of an LFE5U, MHz: the phase detector's input and the oscillator (the family's data sheet, sysCLOCK PLL timing).
_DETECTOR, _OSCILLATOR = (3.125, 400), (400, 800)
_DIVISORS = range(1, 129)


@dataclass(frozen=True)
class Pll:
    """``input`` MHz / ``reference`` · ``feedback`` is the output; times ``output`` the oscillator."""

    input: int
    reference: int
    feedback: int
    output: int

    @property
    def hz(self):
        return self.input * 1_000_000 * self.feedback // self.reference

    def parameters(self):
        """Parameters of an EHXPLLL, by the names of the tops' Verilog."""
        return {
            "clki": self.input,
            "clki_div": self.reference,
            "clkfb_div": self.feedback,
            "clkop_div": self.output,
            "clkop_cphase": self.output // 2 - 1,
        }


def pll(oscillator, mhz):
    """The Pll that makes ``mhz`` of ``oscillator`` MHz. Raises InputError where there is none."""
    for reference in _DIVISORS:
        feedback = mhz * reference / oscillator
        if feedback not in _DIVISORS or not _DETECTOR[0] <= oscillator / reference <= _DETECTOR[1]:
            continue
        outputs = [output for output in _DIVISORS if _OSCILLATOR[0] <= mhz * output <= _OSCILLATOR[1]]
        if outputs:
            middle = sum(_OSCILLATOR) / 2
            best = min(outputs, key=lambda output: abs(mhz * output - middle))
            return Pll(oscillator, reference, int(feedback), best)
    raise InputError(
        f"bitstream: the PLL makes no {mhz:g} MHz of {oscillator} MHz; {oscillator // 5} MHz steps are possible"
    )
