"""The correction of attention scores against golden, at the widths of all configurations."""

import dataclasses

import numpy as np
import pytest
from norm_designs import ACC_BITS, check
from scale_designs import check_block
from unit_bench import edge_values

from golden.numerics import FRACTION, Scale
from golden.units.attention_scores import attention_scores, query_constant, without_zero
from golden.units.kv_quantise import kv_quantise
from golden.units.kv_step import ZERO_FRACTION
from golden.units.quantise import quantise
from myhdl_acc.rtl.config import PRESETS
from myhdl_acc.simulate import BACKENDS

WIDEST = dataclasses.replace(PRESETS["tiny"], max_k=1 << 20).acc_bits


def check_scores(acc_bits, words, backend, seed=None):
    wanted = {"accumulator": without_zero(**words)}
    check("attention_scores", words, wanted, backend, seed, dot=-acc_bits)


def stimulus(rng, acc_bits, count):
    return {
        "dot": edge_values(acc_bits, rng, count),
        "zero": edge_values(8, rng, count),
        "query_sum": edge_values(17, rng, count),
    }


@pytest.mark.parametrize("acc_bits", [PRESETS["tiny"].acc_bits, PRESETS["u280"].acc_bits, WIDEST])
def test_at_every_width(acc_bits):
    check_scores(acc_bits, stimulus(np.random.default_rng(acc_bits), acc_bits, 300_000), "verilator")


def test_all_extremes():
    ends = ([-(1 << 32), -1, (1 << 32) - 1], [-128, -1, 127], [-(1 << 16), -1, (1 << 16) - 1])
    names = ("dot", "zero", "query_sum")
    words = dict(zip(names, (axis.ravel() for axis in np.meshgrid(*ends)), strict=True))
    check_scores(ACC_BITS, words, "verilator")


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_every_simulator(backend):
    check_scores(ACC_BITS, stimulus(np.random.default_rng(1), ACC_BITS, 200), backend, seed=2)


@pytest.mark.parametrize("head_dim", [64, 128])
def test_scores_from_end_to_end(head_dim):
    """Real queries and keys through attention_scores, scale_product and requantise: golden's scores."""
    rng = np.random.default_rng(head_dim)
    tokens = 2000
    q, q_step = quantise(rng.integers(-(1 << 19), 1 << 19, (1, head_dim)))
    keys = rng.integers(-(1 << 18), 1 << 18, (tokens, head_dim)) + rng.integers(-(1 << 18), 1 << 18, (tokens, 1))
    k, zero, k_step = kv_quantise(keys)
    dot = (k.astype(np.int64) @ q[0].astype(np.int64)).ravel()
    constant = query_constant(head_dim)
    scores = attention_scores(dot[None], q, q_step, zero, k_step, constant)[0]

    words = {"dot": dot, "zero": zero, "query_sum": np.full(tokens, q.sum(dtype=np.int64))}
    accumulator = without_zero(**words)
    check("attention_scores", words, {"accumulator": accumulator}, "verilator")

    def columns(scale):
        return [np.broadcast_to(part, tokens) for part in (scale.mantissa, scale.exponent)]

    # Both steps count units of 2^-16, and the sum sixteenths.
    query = (q_step * constant).shifted(-FRACTION - ZERO_FRACTION)
    product = Scale(*columns(query)) * k_step
    check_block("scale_product", columns(query) + columns(k_step), columns(product), "verilator")
    check_block("requantise", [accumulator, *columns(product)], [scores], "verilator")
