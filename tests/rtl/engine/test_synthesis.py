"""What docs/engine.md says about multipliers, asked of Yosys."""

import re

import pytest
from mapped_cells import mapped_cells
from tile_designs import tile_design

from myhdl_acc.rtl.config import AcceleratorConfig

U280 = AcceleratorConfig.preset("u280")
#: DSP48E2 that the platform xilinx_u280_gen3x16_xdma_1_202211_1 leaves to a design.
PLATFORM_DSPS = 8304


def cells(name, directory):
    """How many cells of each type a block of the u280 engine has once multipliers and memories are found."""
    return mapped_cells(tile_design(name, U280), directory)


def test_two_products_in_a_multiplier_and_one_for_each_scale(tmp_path):
    counts = cells("atom_dot", tmp_path)
    assert counts["DSP48E2"] == 16 + 2  # 16 products in each of two rows, and their scales
    assert not {"$mul", "$__soft_mul"} & counts.keys()


def test_every_product_of_the_engine_has_its_multiplier():
    multipliers = U280.lanes * U280.atoms * U280.pairs * (16 + 2)
    assert multipliers == 4608
    assert 2 * multipliers > 0.95 * PLATFORM_DSPS  # twice the rows do not fit


@pytest.mark.parametrize("name", ["atom_decoder", "sequencer", "load_hop", "collector", "patch", "patch_buffer"])
def test_no_multiplier_elsewhere(name, tmp_path):
    assert not {"DSP48E2", "$mul", "$__soft_mul"} & cells(name, tmp_path).keys()


def test_decoder_needs_no_memory(tmp_path):
    assert not [kind for kind in cells("atom_decoder", tmp_path) if re.match(r"RAM|\$mem", kind)]


def test_sums_of_a_row_are_in_block_memory(tmp_path):
    counts = cells("accumulator", tmp_path)
    words = U280.acc_depth * 2 * U280.acc_bits  # bits of the running sums; as many in either bank of results
    assert counts["RAMB36E2"] == 3 * -(-words // (512 * 72))
    assert "$mem_v2" not in counts


def test_parameters_are_in_block_memory(tmp_path):
    counts = cells("parameter_memory", tmp_path)
    assert counts["RAMB18E2"] == -(-U280.beat_bits // 36)
    assert "$mem_v2" not in counts
