"""RMSNorm's second pass against golden, and the whole unit against floating point."""

import numpy as np
import pytest
from operands import check, numbers
from unit_bench import run_unit

from golden.units.rms_norm import NormWeights, normalised
from golden.units.rms_norm import rms_norm as golden_norm
from myhdl_acc.simulate import BACKENDS
from myhdl_acc.stream import signed

OPERANDS = {"x": signed(32), "inverse": 17, "places": signed(7), "gamma": signed(18), "exponent": signed(10)}


def stimulus(rng, count):
    return {
        "x": numbers(rng, 32, count),
        "inverse": rng.integers(1 << 15, (1 << 16) + 1, count),
        "places": rng.integers(-8, 32, count),
        "gamma": numbers(rng, 18, count),
        # Most norms have weights about one, whose exponent is near 16; the rest is there to saturate or vanish.
        "exponent": np.where(rng.random(count) < 0.7, rng.integers(-8, 40, count), rng.integers(-512, 512, count)),
    }


def check_norm(words, backend, seed=None):
    check("rms_norm", OPERANDS, {"y": signed(32)}, words, {"y": normalised(**words)}, backend, seed)


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

    def run(unit, operands, results, **words):
        columns = {name: np.broadcast_to(np.atleast_1d(word), length) for name, word in words.items()}
        return run_unit(unit, operands, results, columns, "verilator")

    drop = run("rms_drop", {"peak": 32}, {"drop": 4}, peak=abs(x).max())["drop"][0]
    square = run("rms_square", {"x": signed(32), "drop": 4}, {"square": 34}, x=x, drop=drop)["square"]
    scale = run(
        "rms_scale",
        {"total": 48, "eps": 48, "drop": 4},
        {"inverse": 17, "places": signed(7)},
        total=square.sum(),
        eps=weights.eps,
        drop=drop,
    )
    y = run(
        "rms_norm",
        OPERANDS,
        {"y": signed(32)},
        x=x,
        inverse=scale["inverse"][0],
        places=scale["places"][0],
        gamma=weights.gamma,
        exponent=weights.exponent,
    )["y"]
    assert (y == golden_norm(x, weights)).all()
    gamma = weights.gamma * 2.0**-weights.exponent / np.sqrt(length)
    real = x / 65536
    exact = real / np.sqrt((real * real).mean() + 1e-5) * gamma
    error = abs(y / 65536 - exact)
    assert (error <= abs(exact) * 2.0**-11 + 2.0**-24 * np.sqrt(length) * abs(gamma) + 2.0**-16).all()
