"""RMSNorm's gain against golden, and the whole norm against floating point, stage by stage."""

import numpy as np
import pytest
from norm_designs import check
from unit_bench import edge_values

from golden.units.quantise import quantise
from golden.units.rms_drop import rms_drop
from golden.units.rms_factor import rms_factor
from golden.units.rms_gain import PLACES, rms_gain
from golden.units.rms_lift import rms_lift
from golden.units.rms_norm import NormWeights, quantised_rms_norm
from golden.units.rms_norm import rms_norm as golden_norm
from golden.units.rms_scale import rms_scale
from golden.units.rms_square import rms_square
from golden.units.rms_unit import block_scale, rms_unit
from myhdl_acc.simulate import BACKENDS


def stimulus(rng, count):
    return {
        "unit": edge_values(26, rng, count),
        "gamma": edge_values(18, rng, count),
        # Most norms have weights about one, whose exponent is near 16; the rest is there to saturate or vanish.
        "places": rng.integers(PLACES - 17, PLACES + 1, count),
        "exponent": np.where(rng.random(count) < 0.7, rng.integers(-8, 40, count), rng.integers(-512, 512, count)),
    }


def check_gain(words, backend, seed=None):
    check("rms_gain", words, {"y": rms_gain(**words)}, backend, seed)


def test_a_million():
    check_gain(stimulus(np.random.default_rng(0), 1_000_000), "verilator")


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_every_simulator(backend):
    check_gain(stimulus(np.random.default_rng(1), 200), backend, seed=2)


@pytest.mark.parametrize("magnitude", [3, 300, 65536, 2**24, 2**31 - 1])
def test_whole_norm_against_floating_point(magnitude):
    """A vector through all units: golden's bits, and its error bound."""
    rng = np.random.default_rng(magnitude)
    length = 576
    x = rng.normal(size=length) ** 3
    x = np.rint(x / abs(x).max() * magnitude).astype(np.int64)
    weights = NormWeights.from_float(rng.normal(size=length) + 0.5, 1e-5)

    def check_stage(unit, words, expected):
        columns = [
            {name: np.broadcast_to(np.atleast_1d(column), length) for name, column in side.items()}
            for side in (words, expected)
        ]
        check(unit, *columns, "verilator")

    def check_unit(inverse, places):
        found = rms_unit(x, inverse, places)
        check_stage("rms_unit", {"x": x, "inverse": inverse, "places": places}, {"unit": found})
        return found

    def check_gained(unit, places):
        words = {"unit": unit, "gamma": weights.gamma, "exponent": weights.exponent, "places": places}
        y = rms_gain(**words)
        check_stage("rms_gain", words, {"y": y})
        return y

    peak = abs(x).max()
    drop, lift = rms_drop(peak), rms_lift(peak)
    check_stage("rms_drop", {"peak": peak}, {"drop": drop})
    check_stage("rms_lift", {"peak": peak}, {"lift": lift})
    unit = check_unit(*block_scale(drop))
    square = rms_square(unit)
    check_stage("rms_square", {"unit": unit}, {"square": square})
    total = square.sum()
    inverse, places = rms_scale(total, weights.eps, drop)
    check_stage("rms_scale", {"total": total, "eps": weights.eps, "drop": drop}, {"inverse": inverse, "places": places})
    y = check_gained(check_unit(inverse, places), PLACES)
    assert np.array_equal(y, golden_norm(x, weights))
    factor = rms_factor(inverse, places, drop, lift)
    q, step = quantise(check_gained(unit, PLACES - lift))
    found = quantised_rms_norm(x, weights)
    assert np.array_equal(found[0], q)
    assert (found[1].mantissa, found[1].exponent) == ((step * factor).mantissa, (step * factor).exponent)
    gamma = weights.gamma * 2.0**-weights.exponent / np.sqrt(length)
    real = x / 65536
    exact = real / np.sqrt((real * real).mean() + 1e-5) * gamma
    error = abs(y / 65536 - exact)
    assert (error <= abs(exact) * 2.0**-11 + 2.0**-24 * np.sqrt(length) * abs(gamma) + 2.0**-16).all()
