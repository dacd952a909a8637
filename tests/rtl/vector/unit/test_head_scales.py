"""Scales of heads of all three kinds, written and read, and the queries made of them, against golden's products."""

import numpy as np
import pytest
import unit_ports
from cycle_bench import SIMULATORS, Cycles
from unit_bench import edge_mantissas

from golden.numerics import Scale
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.vector.unit import head_table
from myhdl_acc.rtl.vector.unit.head_scales import LATENCY

TINY = AcceleratorConfig.preset("tiny")
ENTRIES, COUNT = 8, 60


def scales(rng, count):
    return Scale(edge_mantissas(rng, count), rng.integers(-60, 60, count))


def written(rng, kind):
    """Ports of what is made while ENTRIES entries are written, as ``kind`` says, and then something else."""
    step, inverse, of_range, of_inverse = (scales(rng, COUNT) for _ in range(4))
    made = {"step": step, "inverse": inverse, "range_step": of_range, "range_inverse": of_inverse}
    ports = {f"made_{name}_{part}": getattr(s, part) for name, s in made.items() for part in ("mantissa", "exponent")}
    ports |= {
        "made_range_zero": rng.integers(-128, 113, COUNT),
        "made_late_drop": rng.integers(0, 16, COUNT),
        "made_norm_inverse": rng.integers(0, 1 << 17, COUNT),
        "made_norm_places": rng.integers(-8, 32, COUNT),
        "new_sum": rng.integers(-(1 << 16), 1 << 16, COUNT) & (1 << 17) - 1,
        "table_written": np.minimum(np.arange(COUNT), ENTRIES - 1),
        "table_scales": np.arange(COUNT) < ENTRIES,
        "table_sum": np.arange(COUNT) < ENTRIES,
        "table_from_range": int(kind == "range"),
        "table_from_squares": int(kind == "squares"),
    }
    return ports


@pytest.mark.parametrize("kind", ["peak", "range", "squares"])
@pytest.mark.parametrize("backend", SIMULATORS)
def test_like_golden(backend, kind):
    rng = np.random.default_rng(3)
    ports = written(rng, kind)
    entry, constant = rng.integers(0, ENTRIES, COUNT), scales(rng, 1)
    found = Cycles("head_scales", unit_ports.head_scales, TINY, backend).run(
        COUNT,
        ENTRIES + LATENCY,
        table_entry=entry,
        constant_mantissa=int(constant.mantissa[0]),
        constant_exponent=int(constant.exponent[0]),
        other_entry=entry,
        **ports,
    )
    now = np.arange(ENTRIES, COUNT - LATENCY)
    of = entry[now]
    from_range = "range_" if kind == "range" else ""

    def head(name):
        return found[f"head_{name}"][ENTRIES + LATENCY : COUNT]

    late = entry[ENTRIES + LATENCY - head_table.LATENCY : COUNT - head_table.LATENCY]
    if kind == "squares":
        assert np.array_equal(head("norm_inverse"), ports["made_norm_inverse"][late])
        assert np.array_equal(head("norm_places"), ports["made_norm_places"][late])
        return
    for part in ("mantissa", "exponent"):
        assert np.array_equal(head(f"inverse_{part}"), ports[f"made_{from_range}inverse_{part}"][late])
    if kind == "range":
        assert np.array_equal(head("zero"), ports["made_range_zero"][late])
    else:
        assert np.array_equal(head("drop"), ports["made_late_drop"][late])
    step = Scale(*(ports[f"made_{from_range}step_{part}"][of] for part in ("mantissa", "exponent")))
    query = step * constant
    sums = ports["new_sum"][of]
    assert np.array_equal(found["query_scale_mantissa"][now + LATENCY], query.mantissa)
    assert np.array_equal(found["query_scale_exponent"][now + LATENCY], query.exponent)
    assert np.array_equal(found["query_sum"][now + LATENCY], sums - (sums >> 16 << 17))
