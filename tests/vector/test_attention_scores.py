"""The correction of attention scores against golden, at the widths of all configurations."""

import numpy as np
import pytest
from operands import check, numbers

from golden.units.attention_scores import without_zero
from myhdl_acc.config import PRESETS, AcceleratorConfig
from myhdl_acc.simulate import BACKENDS
from myhdl_acc.stream import signed

WIDEST = AcceleratorConfig(**{**vars(PRESETS["tiny"]), "max_k": 1 << 20}).acc_bits


def check_scores(acc_bits, words, backend, seed=None):
    operands = {"dot": signed(acc_bits), "zero": signed(8), "query_sum": signed(17)}
    wanted = {"accumulator": without_zero(**words)}
    check("attention_scores", operands, {"accumulator": signed(47)}, words, wanted, backend, seed)


def stimulus(rng, acc_bits, count):
    return {"dot": numbers(rng, acc_bits, count), "zero": numbers(rng, 8, count), "query_sum": numbers(rng, 17, count)}


@pytest.mark.parametrize("acc_bits", [PRESETS["tiny"].acc_bits, PRESETS["u280"].acc_bits, WIDEST])
def test_at_every_width(acc_bits):
    check_scores(acc_bits, stimulus(np.random.default_rng(acc_bits), acc_bits, 300_000), "verilator")


def test_all_extremes():
    ends = ([-(1 << 32), -1, (1 << 32) - 1], [-128, -1, 127], [-(1 << 16), -1, (1 << 16) - 1])
    names = ("dot", "zero", "query_sum")
    words = dict(zip(names, (axis.ravel() for axis in np.meshgrid(*ends)), strict=True))
    check_scores(33, words, "verilator")


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_every_simulator(backend):
    check_scores(33, stimulus(np.random.default_rng(1), 33, 200), backend, seed=2)
