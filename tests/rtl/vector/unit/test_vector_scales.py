"""What a row makes of peaks, ranges and squares, against golden, to the cycle."""

import numpy as np
import pytest
import unit_ports
from cycle_bench import SIMULATORS, Cycles
from unit_bench import edge_naturals

from golden.units.kv_step import kv_step
from golden.units.quantise_step import quantise_step
from golden.units.rms_drop import rms_drop
from golden.units.rms_factor import rms_factor
from golden.units.rms_lift import rms_lift
from golden.units.rms_scale import rms_scale
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.vector.unit import latencies as chain
from myhdl_acc.rtl.vector.unit.records import ROW_PEAK, SEGMENT_PEAK, SHARED_PEAK
from myhdl_acc.rtl.vector.unit.vector_scales import DROPPED, LATENCY, SCALED

TINY = AcceleratorConfig.preset("tiny")
COUNT = 100
LATE = chain.RANGE + 5


def run(backend, skip=LATE, **inputs):
    """All that is kept is captured in every cycle, unless the inputs say when."""
    captures = {f"capture_{name}": 1 for name in ("total", "high", "step", "peak", "first")} | {"enabled": 1}
    bench = Cycles("vector_scales", unit_ports.vector_scales, TINY, backend)
    return bench.run(COUNT, skip, **captures | {"source": SEGMENT_PEAK} | inputs)


def steps(found, name):
    return found[f"made_{name}_mantissa"], found[f"made_{name}_exponent"]


@pytest.mark.parametrize(("source", "port"), [(SEGMENT_PEAK, "reduced"), (SHARED_PEAK, "shared_peak")])
@pytest.mark.parametrize("backend", SIMULATORS)
def test_a_peak_in_every_cycle(backend, source, port):
    peaks = edge_naturals(32, np.random.default_rng(source), COUNT)
    found = run(backend, source=source, **{port: peaks})
    step, inverse = quantise_step(peaks)
    for name, scale in (("step", step), ("inverse", inverse)):
        for have, want in zip(steps(found, name), (scale.mantissa, scale.exponent), strict=True):
            assert np.array_equal(have[LATE:], want[LATE - LATENCY : COUNT - LATENCY])
    drops = rms_drop(peaks)
    assert np.array_equal(found["made_drop"][LATE:], drops[LATE - DROPPED : COUNT - DROPPED])
    assert np.array_equal(found["made_late_drop"][LATE:], drops[LATE - LATENCY : COUNT - LATENCY])


@pytest.mark.parametrize("backend", SIMULATORS)
def test_the_rows_peak_is_kept(backend):
    """The largest since ``first``, of cycles with ``capture.peak`` in which the row takes part."""
    rng = np.random.default_rng(1)
    peaks = rng.integers(1, 1000, COUNT)
    capture, enabled, first = (rng.random(COUNT) < share for share in (0.5, 0.8, 0.2))
    capture[0] = enabled[0] = first[0] = True
    found = run(backend, source=ROW_PEAK, reduced=peaks, capture_peak=capture, enabled=enabled, capture_first=first)
    kept, best = [], 0
    for cycle in range(COUNT):
        kept.append(best)
        if capture[cycle] and enabled[cycle]:
            best = peaks[cycle] if first[cycle] else max(best, peaks[cycle])
    assert np.array_equal(found["peak"][LATE:], kept[LATE:])
    step, _ = quantise_step(np.array(kept))
    assert np.array_equal(found["made_step_mantissa"][LATE:], step.mantissa[LATE - LATENCY : COUNT - LATENCY])


@pytest.mark.parametrize("backend", SIMULATORS)
def test_ranges(backend):
    """A head's largest value comes first, minus its least in the next cycle; heads every other cycle."""
    rng = np.random.default_rng(2)
    high, low = rng.integers(0, 1 << 31, COUNT // 2), -rng.integers(0, 1 << 31, COUNT // 2)
    reduced = np.stack([high, -low], 1).ravel()
    found = run(backend, reduced=reduced, capture_high=np.arange(COUNT) % 2 == 0)
    step, inverse, zero = kv_step(low, high)
    ends = np.arange(COUNT // 2) * 2 + 1 + chain.RANGE
    shown = (ends >= LATE) & (ends < COUNT)
    for name, scale in (("range_step", step), ("range_inverse", inverse)):
        for have, want in zip(steps(found, name), (scale.mantissa, scale.exponent), strict=True):
            assert np.array_equal(have[ends[shown]], want[shown])
    assert np.array_equal(found["made_range_zero"][ends[shown]], zero[shown])


@pytest.mark.parametrize("backend", SIMULATORS)
def test_squares(backend):
    rng = np.random.default_rng(3)
    total, eps, drop = edge_naturals(47, rng, COUNT), int(rng.integers(1 << 40)), 5
    found = run(backend, reduced=total, eps=eps, drop=drop, capture_total=1)
    inverse, places = rms_scale(total, eps, np.full(COUNT, drop))
    assert np.array_equal(found["made_norm_inverse"][LATE:], inverse[LATE - chain.HEAD_NORM : COUNT - chain.HEAD_NORM])
    assert np.array_equal(found["made_norm_places"][LATE:], places[LATE - chain.HEAD_NORM : COUNT - chain.HEAD_NORM])


@pytest.mark.parametrize("backend", SIMULATORS)
def test_the_activations_step_is_the_one_of_its_capture(backend):
    peaks = edge_naturals(32, np.random.default_rng(4), COUNT)
    at = LATE + 5
    found = run(backend, at + 1, source=SHARED_PEAK, shared_peak=peaks, capture_step=np.arange(COUNT) == at)
    step, _ = quantise_step(peaks)
    assert (found["step_mantissa"][at + 1 :] == step.mantissa[at - LATENCY]).all()
    assert (found["step_exponent"][at + 1 :] == step.exponent[at - LATENCY]).all()


@pytest.mark.parametrize("backend", SIMULATORS)
def test_a_scaled_step(backend):
    """Times the factor of the squares that were kept."""
    rng = np.random.default_rng(5)
    peaks, total, eps, drop = rng.integers(256, 512, COUNT), int(rng.integers(1 << 46)), 12345, 0
    at = LATE + 5
    found = run(
        backend, at + 1, source=SHARED_PEAK, shared_peak=peaks, reduced=total, eps=eps, drop=drop, capture_scaled=1,
        capture_step=np.arange(COUNT) == at,
    )  # fmt: skip
    step, _ = quantise_step(peaks)
    want = step[at - LATENCY - SCALED] * rms_factor(*rms_scale(total, eps, drop), drop, rms_lift(256))
    assert (found["step_mantissa"][at + 1 :] == want.mantissa).all()
    assert (found["step_exponent"][at + 1 :] == want.exponent).all()
