"""The butterfly over columns: sums and maxima of every group of columns, changing from vector to vector."""

import numpy as np
import pytest
from unit_bench import edge_values
from vector_benches import butterfly_bench

from golden.units.butterfly import butterfly
from myhdl_acc.hdl.stream import Stream, signed
from myhdl_acc.rtl.vector.arith.butterfly import latency
from myhdl_acc.simulate import BACKENDS, Design, clock, open_simulation, reset
from myhdl_acc.simulate.scoreboard import check_words


def run(lanes, width, count, backend, seed, gaps=None, fitting=True):
    """Values of ``width`` bits, random kinds and groups; if ``fitting``, the signals hold a sum over all columns."""
    rng = np.random.default_rng(seed)
    stages = latency(lanes)
    names = [f"v{lane:02d}" for lane in range(lanes)]
    spare = stages if fitting else 0
    values = np.stack([edge_values(width, rng, count) for _ in names], axis=1)
    values[0], values[1] = -(1 << (width - 1)), (1 << (width - 1)) - 1  # the largest sums
    maximum, first_stage = rng.integers(0, 2, count), rng.integers(0, stages + 1, count)
    maximum[:2], first_stage[:2] = 0, 0
    words = dict(zip(names, values.T, strict=True)) | {"maximum": maximum, "first_stage": first_stage}
    exact = np.array([butterfly(*word) for word in zip(values, maximum, first_stage, strict=True)])
    least = -(1 << (width + spare - 1))
    wanted = (exact - least) % (-2 * least) + least
    assert not fitting or (wanted == exact).all()
    fields = {name: signed(width + spare) for name in names}
    sink = Stream(**fields, maximum=1, first_stage=stage_bits(stages))
    design = Design(butterfly_bench, clk=clock(), rst=reset(), sink=sink, source=Stream(**fields), lanes=lanes)
    with open_simulation(design, backend) as simulation:
        result = simulation.run({"sink": words}, {"source": count}, gaps=gaps, record=True)
    assert (result.transfers["source"] - result.transfers["sink"] == stages).all()
    if gaps is None:
        assert (np.diff(result.transfers["sink"]) == 1).all()
    check_words(result.outputs["source"], dict(zip(names, wanted.T, strict=True)))


def stage_bits(stages):
    """Bits of first_stage."""
    return max(1, stages.bit_length())


@pytest.mark.parametrize("lanes", [1, 2, 4, 8, 16, 32])
def test_every_number_of_columns(lanes):
    run(lanes, 20, 120, "myhdl", lanes)


@pytest.mark.parametrize(("lanes", "width"), [(2, 44), (8, 32), (32, 44)])
def test_many_vectors(lanes, width):
    run(lanes, width, 20_000, "verilator", lanes)


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_every_simulator(backend):
    gaps = {"sink": np.random.default_rng(5).integers(0, 4, 150)}
    run(4, 33, 150, backend, 6, gaps)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_single_column(backend):
    run(1, 33, 20, backend, 7)


@pytest.mark.parametrize("backend", BACKENDS)
def test_sums_that_do_not_fit_wrap(backend):
    """As beside invalid words, at which no simulation may stop."""
    run(4, 12, 150, backend, 8, fitting=False)
