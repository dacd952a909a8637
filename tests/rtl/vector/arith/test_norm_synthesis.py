"""What docs/vector.md says about norms, rotation and attention, asked of the blocks and of Yosys."""

import pytest
from mapped_cells import mapped_cells
from norm_designs import BLOCKS, norm_design
from test_scale_synthesis import documented
from unit_bench import module_of


@pytest.mark.parametrize("name", BLOCKS)
def test_latency_is_the_documented_one(name):
    latency = module_of(name).LATENCY
    assert latency == documented(name)[0]
    assert f"latency {latency}" in " ".join(getattr(module_of(name), name).__doc__.split())


@pytest.mark.slow
@pytest.mark.parametrize("name", BLOCKS)
def test_multipliers(name, tmp_path):
    cells = mapped_cells(norm_design(name), tmp_path)
    assert cells.get("DSP48E2", 0) == documented(name)[1]
    assert not {"$mul", "$__soft_mul"} & cells.keys()
