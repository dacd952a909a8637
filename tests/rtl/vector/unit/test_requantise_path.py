"""What becomes of sums, against golden's machine: channels, scores, mixed values, one per cycle."""

import numpy as np
import pytest
import unit_ports
from cycle_bench import SIMULATORS, Cycles
from unit_bench import edge_mantissas, edge_values

from golden.machine.parameters import parameter_words, word_scale
from golden.numerics import FRACTION, Scale
from golden.units.attention_output import without_zeros
from golden.units.attention_scores import without_zero
from golden.units.kv_quantise import ZERO_FRACTION
from golden.units.requantise import requantise
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.vector.arith.butterfly import latency as butterfly_latency
from myhdl_acc.rtl.vector.unit.flags import CHANNEL, MIX, SCORE
from myhdl_acc.rtl.vector.unit.requantise_path import LATENCY

TINY = AcceleratorConfig.preset("tiny")
COUNT = 200


def scales(rng, count):
    return Scale(edge_mantissas(rng, count), rng.integers(-20, 40, count))


@pytest.mark.parametrize("path", [CHANNEL, SCORE, MIX])
@pytest.mark.parametrize("backend", SIMULATORS)
def test_like_golden(backend, path):
    rng = np.random.default_rng(path)
    sums = edge_values(TINY.acc_bits, rng, COUNT)
    zero = rng.integers(-128, 113, COUNT)
    words = parameter_words(scales(rng, COUNT), zero)
    of_word = word_scale(words)
    one = scales(rng, 1)
    total, correction = edge_values(TINY.acc_bits, rng, COUNT), int(rng.integers(-(1 << 20), 1 << 20))
    query_sum = int(rng.integers(-(1 << 16), 1 << 16))
    held = {"mantissa": int(one.mantissa[0]), "exponent": int(one.exponent[0])}
    inputs = {"operands_sum": sums, "operands_parameter": words.astype(np.int64), "query_sum": query_sum}
    for name in ("step", "query_scale", "mixed_scale"):
        inputs |= {f"{name}_{part}": value for part, value in held.items()}
    # The butterfly gives a sum its stages' cycles after the operands.
    stages = butterfly_latency(TINY.lanes)
    late_total = np.concatenate([np.zeros(stages, np.int64), total])[:COUNT]
    outputs = Cycles("requantise_path", unit_ports.requantise_path, TINY, backend).run(
        COUNT, LATENCY, path=path, mixed_total=late_total, mixed_correction=correction, **inputs
    )
    if path == CHANNEL:
        expected = requantise(sums, one * of_word)
    elif path == SCORE:
        exact = without_zero(sums, zero, query_sum)
        expected = requantise(exact, (one * of_word).shifted(-FRACTION - ZERO_FRACTION))
    else:
        expected = requantise(without_zeros(total, correction), one)
    assert np.array_equal(outputs["y"][LATENCY:], expected[: COUNT - LATENCY])
