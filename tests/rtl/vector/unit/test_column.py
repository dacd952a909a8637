"""A column's operations against golden's: what they leave in its memory, hand on and count, an index in every cycle."""

import numpy as np
import pytest
import unit_ports
from column_passes import WORDS, Passes
from cycle_bench import SIMULATORS, Cycles

from golden.machine.parameters import gamma_words, parameter_words, word_gamma, word_scale
from golden.numerics import Scale
from golden.units.quantise import quantise_level
from golden.units.requantise import requantise
from golden.units.residual_add import residual_add
from golden.units.rms_gain import rms_gain
from golden.units.rms_square import rms_square
from golden.units.rms_unit import rms_unit
from golden.units.silu_mul import silu_mul
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.vector.unit import column_statistics
from myhdl_acc.rtl.vector.unit.instructions import INSTRUCTIONS
from myhdl_acc.rtl.vector.unit.latencies import OPERAND
from myhdl_acc.rtl.vector.unit.records import SUM, TOTAL

TINY = AcceleratorConfig.preset("tiny")
STEP, INVERSE = Scale(np.int64(40_000), np.int64(20)), Scale(np.int64(50_000), np.int64(22))
NORM, PLACES, GAIN, EXPONENT = 70_000, 9, 3, 4


def constants():
    fixed = {"norm_inverse": NORM, "norm_places": PLACES, "norm_gain": GAIN}
    for name, scale in (("step", STEP), ("inverse", INVERSE)):
        fixed |= {f"{name}_mantissa": int(scale.mantissa), f"{name}_exponent": int(scale.exponent)}
    return {f"scales_{name}": value for name, value in fixed.items()}


def expected(op, x, sums, words):
    if op == "norm":
        return rms_gain(rms_unit(x, NORM, PLACES), *word_gamma(words), GAIN)
    y = requantise(sums, STEP * word_scale(words))
    return {"requantise": lambda: y, "add": lambda: residual_add(x, y), "silu": lambda: silu_mul(x, y)}[op]()


@pytest.mark.parametrize("op", ["requantise", "add", "silu", "norm"])
@pytest.mark.parametrize("backend", SIMULATORS)
def test_what_it_writes(backend, op):
    rng = np.random.default_rng(0)
    x = rng.integers(-(1 << 18), 1 << 18, WORDS)
    sums = rng.integers(-(1 << 18), 1 << 18, WORDS)
    words = parameter_words(Scale(rng.integers(1 << 15, 1 << 16, WORDS), rng.integers(0, 6, WORDS)))
    if op == "norm":
        words = gamma_words(rng.integers(-(1 << 17), 1 << 17, WORDS), EXPONENT)
    passes = Passes("bias", op, "range")
    passes.set("result_parameter", passes.issues(0), x & (1 << 32) - 1)
    passes.set("result_parameter", passes.issues(passes.length), words)
    passes.set("result_sum", passes.issues(passes.length), sums)
    read = passes.issues(2 * passes.length) + OPERAND
    found = Cycles("column", unit_ports.column, TINY, backend, ["to_row_operand"]).run(
        passes.count, int(read[0]), **constants(), **passes.inputs
    )
    assert found["to_row_operand"][read].tolist() == expected(op, x, sums, words).tolist()


@pytest.mark.parametrize("backend", SIMULATORS)
def test_what_it_quantises_and_counts(backend):
    x = np.random.default_rng(1).integers(-(1 << 18), 1 << 18, WORDS)
    passes = Passes("bias", "quantise", "head_square")
    passes.set("result_parameter", passes.issues(0), x & (1 << 32) - 1)
    passes.set("control_reduce", slice(None), SUM)  # nothing has been counted yet
    squares = passes.commits(2 * passes.length, INSTRUCTIONS["head_square"])
    passes.set("control_reduce", slice(squares[-1], None), TOTAL)
    levels = passes.commits(passes.length, INSTRUCTIONS["quantise"])
    found = Cycles("column", unit_ports.column, TINY, backend, ["given_level", "to_row_reduction"]).run(
        passes.count, int(levels[0]), **constants(), **passes.inputs
    )
    assert found["given_level"][levels].tolist() == quantise_level(x, INVERSE).tolist()
    end = squares[-1] + column_statistics.LATENCY
    assert found["to_row_reduction"][end] == rms_square(rms_unit(x, NORM, PLACES)).sum()


def test_a_row_that_takes_no_part_keeps_its_words():
    x = np.arange(WORDS)
    passes = Passes("bias", "bias", "range")
    passes.set("result_parameter", passes.issues(0), x)
    passes.set("scales_enabled", slice(passes.length, 2 * passes.length), 0)
    read = passes.issues(2 * passes.length) + OPERAND
    found = Cycles("column", unit_ports.column, TINY).run(passes.count, **constants(), **passes.inputs)
    assert found["to_row_operand"][read].tolist() == x.tolist()
