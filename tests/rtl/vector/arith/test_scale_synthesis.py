"""What docs/vector.md says about the scale blocks, asked of the blocks and of Yosys."""

import re
from pathlib import Path

import pytest
from mapped_cells import mapped_cells
from scale_designs import BLOCKS, block_design
from unit_bench import module_of

DOCUMENT = (Path(__file__).parents[4] / "docs" / "vector.md").read_text()


def documented(name):
    """(latency, multipliers) of a block in the table of docs/vector.md."""
    row = re.search(rf"^\| {name} \|.*$", DOCUMENT, re.MULTILINE)[0].strip("| ").split(" | ")
    return int(row[3]), 0 if row[-1] == "–" else int(row[-1])


@pytest.mark.parametrize("name", BLOCKS)
def test_latency_is_the_documented_one(name):
    latency = module_of(name).LATENCY
    assert latency == documented(name)[0]
    assert f"latency {latency}." in getattr(module_of(name), name).__doc__


@pytest.mark.slow
@pytest.mark.parametrize("name", BLOCKS)
def test_multipliers(name, tmp_path):
    cells = mapped_cells(block_design(name), tmp_path)
    assert cells.get("DSP48E2", 0) == documented(name)[1]
    assert not {"$mul", "$__soft_mul", "$mem_v2"} & cells.keys()
