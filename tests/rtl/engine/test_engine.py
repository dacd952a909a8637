"""The whole engine against the golden operations: any shape, any mode after any other, any back-pressure."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from myhdl_acc.driver.rtl_engine import RtlEngine
from myhdl_acc.program.sample_operation import sample_operation
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.simulate import BACKENDS

TINY = AcceleratorConfig.preset("tiny")
#: Shapes that differ from the presets in every parameter; the depth is no power of two.
ODD = AcceleratorConfig(lanes=1, rows=6, beat_bits=256, acc_depth=7, max_k=512)
#: One row of one lane, whose products are logic.
SINGLE = AcceleratorConfig(lanes=1, rows=1, beat_bits=128, acc_depth=8, max_k=512, packed=0)
KINDS = ("w2", "w4", "w8", "qk", "pv")
#: What docs/engine.md says an operation costs beside its beats, in cycles.
START_CYCLES, FILL_CYCLES = 1, 18


def random_gaps(seed):
    """Back-pressure on every stream of the engine: none, now and then, or most of the time."""

    def gaps(inputs, words):
        rng = np.random.default_rng(seed)
        counts = {name: len(next(iter(fields.values()))) for name, fields in inputs.items()} | {"source_result": words}
        return {name: rng.integers(0, rng.choice([1, 2, 5]), count) for name, count in counts.items()}

    return gaps


@pytest.fixture(scope="module")
def fast_engines():
    with (
        RtlEngine(TINY, "verilator", True, True) as tiny,
        RtlEngine(ODD, "verilator", True, True) as odd,
        RtlEngine(SINGLE, "verilator", True, True) as single,
    ):
        yield {"tiny": tiny, "odd": odd, "single": single}


@pytest.mark.parametrize("config", [TINY, SINGLE], ids=["tiny", "single"])
@pytest.mark.parametrize("backend", BACKENDS)
def test_every_mode_in_every_simulator(backend, config):
    operations = [sample_operation(kind, 5, 37, rows=3) for kind in (*KINDS, *reversed(KINDS))]
    with RtlEngine(config, backend, check=True) as engine:
        engine.execute(operations)
        assert engine.checked == len(operations) * 3 * 5


def test_the_simulators_agree_cycle_for_cycle():
    runs = []
    for backend in BACKENDS:
        operations = [sample_operation(kind, 9, 33, rows=2) for kind in KINDS]
        with RtlEngine(TINY, backend, record=True) as engine:
            engine.execute(operations, gaps=random_gaps(7))
            runs.append((engine.run.cycles, engine.run.counts, engine.run.events))
    assert all(run == runs[0] for run in runs)


operation_lists = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(1, 5), st.integers(1, 90), st.integers(1, 300)),
    min_size=1,
    max_size=4,
)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(["tiny", "odd", "single"]), st.integers(0, 1 << 32), operation_lists, st.booleans())
def test_any_shapes_under_any_back_pressure(fast_engines, config, seed, shapes, extreme):
    operations = [
        sample_operation(kind, outputs, terms, rows, seed + i, extreme)
        for i, (kind, rows, outputs, terms) in enumerate(shapes)
    ]
    fast_engines[config].execute(operations, gaps=random_gaps(seed))


@settings(max_examples=3, deadline=None)
@given(st.integers(0, 1 << 32), st.sampled_from(KINDS), st.integers(1, 3), st.integers(1, 20), st.integers(1, 70))
def test_any_shape_in_myhdl(seed, kind, rows, outputs, terms):
    with RtlEngine(TINY, "myhdl", check=True) as engine:
        engine.execute([sample_operation(kind, outputs, terms, rows, seed)], gaps=random_gaps(seed))


def test_longest_sums_do_not_overflow(fast_engines):
    operations = [sample_operation(kind, 3, TINY.max_k, extreme=True) for kind in KINDS]
    fast_engines["tiny"].execute(operations)


@pytest.mark.parametrize("kind", KINDS)
def test_longer_sums_take_several_passes(fast_engines, kind):
    operation = sample_operation(kind, 5, 2 * TINY.max_k + 33, rows=3)
    fast_engines["tiny"].execute([operation])


def lost_cycles(run):
    """Per lane: cycles without a beat between the first and the last."""
    beats = [cycles for name, cycles in run.transfers.items() if name.startswith("sink_beat")]
    return [int(cycles[-1] - cycles[0]) + 1 - len(cycles) for cycles in beats]


@pytest.fixture(scope="module")
def demo_engine():
    with RtlEngine(AcceleratorConfig.preset("demo"), "verilator", check=True, record=True) as engine:
        yield engine


@pytest.mark.parametrize(
    "kind, outputs, terms",
    [(kind, *shape) for kind in ("w2", "w4", "w8") for shape in ((64, 2560), (1024, 1024))]
    + [("qk", 1024, 64), ("qk", 1024, 128), ("pv", 64, 1024), ("pv", 128, 1024)],
)
def test_no_cycle_is_lost_within_an_operation(demo_engine, kind, outputs, terms):
    operation = sample_operation(kind, outputs, terms)
    demo_engine.execute([operation])
    assert lost_cycles(demo_engine.run) == [0] * demo_engine.config.lanes


def test_modes_switch_without_draining(demo_engine):
    shapes = [
        ("w2", 256, 1024),
        ("w4", 256, 256),
        ("qk", 512, 128),
        ("pv", 128, 512),
        ("w8", 128, 256),
        ("w2", 128, 1024),
    ]
    demo_engine.execute([sample_operation(kind, *shape) for kind, *shape in shapes])
    assert lost_cycles(demo_engine.run) == [0] * demo_engine.config.lanes


def test_cost_of_an_operation_beside_its_beats(fast_engines):
    """Start, fill and drain are those that docs/engine.md names."""
    engine = fast_engines["tiny"]
    engine.execute([sample_operation("w2", 1, 64)])
    (beat,), results = engine.run.transfers["sink_beat_ch01"], engine.run.transfers["source_result"]
    assert beat == START_CYCLES + TINY.atoms + TINY.lanes - 1
    assert results[0] - beat == FILL_CYCLES + TINY.pairs - 1
    assert engine.run.cycles == results[-1] + 1


@pytest.mark.parametrize(
    "kind, outputs, terms", [("w2", 256, 1024), ("w4", 128, 256), ("pv", 64, 512), ("qk", 512, 32)]
)
def test_results_leave_while_the_last_round_runs(demo_engine, kind, outputs, terms):
    """An operation costs as much after its last beat as the pipeline is long, however many outputs it has.

    With two outputs in a beat the results need twice as many cycles as the beats.
    """
    demo_engine.execute([sample_operation(kind, outputs, terms)])
    run, config = demo_engine.run, demo_engine.config
    beats = max(run.transfers[f"sink_beat_ch{lane:02d}"][-1] for lane in range(config.lanes))
    results = run.transfers["source_result"]
    more = outputs // config.lanes // 2 if kind == "qk" else 0
    assert results[-1] - beats == FILL_CYCLES + config.pairs - 1 + more
