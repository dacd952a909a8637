"""RMSNorm's second pass against golden, and the whole unit against floating point."""

import numpy as np
import pytest
from norm_designs import check
from unit_bench import edge_values

from golden.units.rms_drop import rms_drop
from golden.units.rms_norm import NormWeights, normalised
from golden.units.rms_norm import rms_norm as golden_norm
from golden.units.rms_scale import rms_scale
from golden.units.rms_square import rms_square
from myhdl_acc.simulate import BACKENDS


def stimulus(rng, count):
    return {
        "x": edge_values(32, rng, count),
        "inverse": rng.integers(1 << 15, (1 << 16) + 1, count),
        "places": rng.integers(-8, 32, count),
        "gamma": edge_values(18, rng, count),
        # Most norms have weights about one, whose exponent is near 16; the rest is there to saturate or vanish.
        "exponent": np.where(rng.random(count) < 0.7, rng.integers(-8, 40, count), rng.integers(-512, 512, count)),
    }


def check_norm(words, backend, seed=None):
    check("rms_norm", words, {"y": normalised(**words)}, backend, seed)


def test_a_million():
    check_norm(stimulus(np.random.default_rng(0), 1_000_000), "verilator")


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_every_simulator(backend):
    check_norm(stimulus(np.random.default_rng(1), 200), backend, seed=2)


@pytest.mark.parametrize("magnitude", [3, 300, 65536, 2**24, 2**31 - 1])
def test_whole_norm_against_floating_point(magnitude):
    """A vector through rms_drop, rms_square, rms_scale and rms_norm: golden's bits, and its error bound."""
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

    peak = abs(x).max()
    drop = rms_drop(peak)
    check_stage("rms_drop", {"peak": peak}, {"drop": drop})
    square = rms_square(x, drop)
    check_stage("rms_square", {"x": x, "drop": drop}, {"square": square})
    total = square.sum()
    inverse, places = rms_scale(total, weights.eps, drop)
    check_stage("rms_scale", {"total": total, "eps": weights.eps, "drop": drop}, {"inverse": inverse, "places": places})
    y = golden_norm(x, weights)
    scale = {"inverse": inverse, "places": places}
    check_stage("rms_norm", {"x": x, **scale, "gamma": weights.gamma, "exponent": weights.exponent}, {"y": y})
    gamma = weights.gamma * 2.0**-weights.exponent / np.sqrt(length)
    real = x / 65536
    exact = real / np.sqrt((real * real).mean() + 1e-5) * gamma
    error = abs(y / 65536 - exact)
    assert (error <= abs(exact) * 2.0**-11 + 2.0**-24 * np.sqrt(length) * abs(gamma) + 2.0**-16).all()
