"""RMSNorm: x · γ / √(mean(x²) + ε)."""

from dataclasses import dataclass

import numpy as np

from golden.numerics import FRACTION
from golden.units.quantise import quantise
from golden.units.rms_drop import rms_drop
from golden.units.rms_factor import rms_factor
from golden.units.rms_gain import PLACES, rms_gain
from golden.units.rms_lift import rms_lift
from golden.units.rms_scale import rms_scale
from golden.units.rms_square import rms_square
from golden.units.rms_unit import block_scale, rms_unit

GAMMA_BITS = 17  #: magnitude bits of γ√N
LIMIT = 1 << 15  #: of γ√N: times the largest magnitude that block_scale gives it is an int32


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

    Squares are of x shifted so that its largest magnitude has 17 bits (the leading-one position is known when the
    vector is written), and Σ + Nε has 48 bits. Then 1/√ from a table of 193 entries with linear interpolation, over a
    mantissa of 1 … 4 with 14 fraction bits. Each element is multiplied twice: by 1/√Σ to a 26-bit unit vector, by γ√N
    to the result. Saturates at 32 bits. |error| ≤ 2^-11 of the exact element plus 2^-24 √N γ and one unit in the last
    place (tests/golden/test_golden_rms_norm.py).
    """
    x, drop, unit = _unit_of_block(x)
    inverse, places = rms_scale(rms_square(unit).sum(-1, keepdims=True), weights.eps, drop)
    return rms_gain(rms_unit(x, inverse, places), weights.gamma, weights.exponent)


def quantised_rms_norm(x, weights):
    """What ``quantise`` would make of rms_norm(``x``): ``(q (…, N) int8, step Scale (…))``, in one pass before it.

    An int8 does not depend on a factor of the whole vector. So γ multiplies x as it is, shifted so that the largest
    magnitude has 24 bits, while the squares add up. Only the step gets the factor 1/√.
    """
    x, drop, unit = _unit_of_block(x)
    lift = rms_lift(np.abs(x).max(-1))
    inverse, places = rms_scale(rms_square(unit).sum(-1), weights.eps, drop[..., 0])
    q, step = quantise(rms_gain(unit, weights.gamma, weights.exponent, PLACES - lift[..., None]))
    return q, step * rms_factor(inverse, places, drop[..., 0], lift)


def _unit_of_block(x):
    """``x`` in int64, its drop (…, 1), and its elements by block_scale."""
    x = np.asarray(x, np.int64)
    drop = rms_drop(np.abs(x).max(-1, keepdims=True))
    return x, drop, rms_unit(x, *block_scale(drop))
