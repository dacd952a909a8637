"""RMSNorm: x · γ / √(mean(x²) + ε)."""

from dataclasses import dataclass

import numpy as np

from golden.numerics import FRACTION, round_shift, saturate
from golden.units.rms_drop import rms_drop
from golden.units.rms_scale import UNIT_BITS, rms_scale
from golden.units.rms_square import rms_square

GAMMA_BITS = 17  #: magnitude bits of γ√N


@dataclass(frozen=True, eq=False)
class NormWeights:
    """γ·√N as ``gamma`` (N,) signed 18-bit integers with ``exponent`` fraction bits (one for all), and
    ``eps``·N·2^32.
    """

    gamma: np.ndarray
    exponent: int
    eps: int

    @classmethod
    def from_float(cls, gamma, eps):
        """From the model's γ (N,) float and ε. Each γ keeps 17 bits relative to the largest one."""
        scaled = np.asarray(gamma, np.float64) * np.sqrt(len(gamma))
        largest = np.abs(scaled).max()
        exponent = 0 if largest == 0 else GAMMA_BITS - int(np.frexp(largest * (1 + 2.0**-18))[1])
        return cls(
            np.floor(scaled * 2.0**exponent + 0.5).astype(np.int64),
            exponent,
            round(eps * len(gamma) * 2 ** (2 * FRACTION)),
        )


def rms_norm(x, weights):
    """``x`` (…, N) int32, 16 fraction bits, → the same format; N ≤ 2^13, ``weights`` NormWeights.

    Pass 1 squares x shifted right so that its largest magnitude has 17 bits (the leading-one position is known when
    the vector is written) and adds up Σ + Nε in 48 bits. Then 1/√ from a table of 193 entries with linear
    interpolation, over a mantissa of 1 … 4 with 14 fraction bits. Pass 2 multiplies twice: by 1/√Σ to a 26-bit unit
    vector, by γ√N to the result. Saturates at 32 bits. |error| ≤ 2^-11 of the exact element plus 2^-24 √N γ and one
    unit in the last place (tests/golden/test_golden_rms_norm.py).
    """
    x = np.asarray(x, np.int64)
    drop = rms_drop(np.abs(x).max(-1))
    inverse, places = rms_scale(rms_square(x, drop[..., None]).sum(-1), weights.eps, drop)
    return normalised(x, inverse[..., None], places[..., None], weights.gamma, weights.exponent)


def normalised(x, inverse, places, gamma, exponent):
    """Pass 2 on elements ``x`` int32 with rms_scale's ``inverse`` and ``places``, and ``gamma`` with its ``exponent``.

    The limit of the unit vector's element to 26 bits takes effect only for an ``inverse`` of another vector.
    """
    unit = saturate(round_shift(x * inverse, places), UNIT_BITS + 2)
    return saturate(round_shift(unit * gamma, exponent + UNIT_BITS - FRACTION))
