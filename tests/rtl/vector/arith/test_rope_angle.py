"""Cosine and sine against golden: every segment of the table in every quadrant, and positions far past 128 k."""

import numpy as np
import pytest
from norm_designs import check
from unit_bench import edge_naturals

from golden.units.rope_angle import cosine_sine, phase_increments
from myhdl_acc.simulate import BACKENDS


def check_angle(position, increment, backend, seed=None):
    cosine, sine = (part[:, 0] for part in cosine_sine(position, increment[:, None]))
    words = {"position": position, "increment": increment}
    check("rope_angle", words, {"cosine": cosine, "sine": sine}, backend, seed)


def test_every_segment():
    """All 1,024 segments of a turn at a thousand places each, both ends among them."""
    segment = np.repeat(np.arange(1024), 1000)
    within = np.random.default_rng(0).integers(0, 1 << 16, len(segment))
    within[::1000], within[1::1000], within[2::1000] = 0, 1, (1 << 16) - 1
    phase = segment << 16 | within
    check_angle(np.ones_like(phase), phase << 22, "verilator")


def test_any_operands():
    rng = np.random.default_rng(1)
    check_angle(edge_naturals(32, rng, 1_000_000), edge_naturals(48, rng, 1_000_000), "verilator")


@pytest.mark.parametrize(("head_dim", "base"), [(64, 1e4), (64, 1e5), (128, 5e5)])
def test_every_pair_past_128k(head_dim, base):
    rng = np.random.default_rng(head_dim)
    positions = np.concatenate([[0, 1, 131071, 131072, 2**20 - 1, 2**31 - 1], rng.integers(0, 2**31, 300)])
    increments = phase_increments(base ** (-np.arange(head_dim // 2) * 2.0 / head_dim))
    position, increment = (axis.ravel() for axis in np.meshgrid(positions, increments))
    check_angle(position, increment, "verilator")


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_every_simulator(backend):
    rng = np.random.default_rng(2)
    quadrants = np.arange(8) << 45
    position = np.concatenate([np.ones(8, np.int64), edge_naturals(32, rng, 150)])
    check_angle(position, np.concatenate([quadrants, edge_naturals(48, rng, 150)]), backend, seed=3)
