"""No block of `u280` takes more or less than docs/data says: a change of that is a decision, and `make docs` tells."""

import pytest

from myhdl_acc.cli.top import top_design
from myhdl_acc.report.synthesis import synthesise
from myhdl_acc.report.synthesis.report import from_fields
from myhdl_acc.rtl.config import AcceleratorConfig
from scripts.docs import data

TOLERANCE = 0.02  #: of a block's LUTs and flip-flops; multipliers and memories are counted exactly
FEW = 8  #: LUTs or flip-flops that a block may differ by, however small it is


@pytest.mark.slow
def test_every_block_takes_what_is_kept():
    kept = {block.name: block for block in from_fields(data.read("u280")).blocks}
    found = {block.name: block for block in synthesise(top_design(AcceleratorConfig.preset("u280"))).blocks}
    assert found.keys() == kept.keys(), 'run `make docs ARGS="--measure resources"`'
    for name, block in found.items():
        before = kept[name]
        assert (block.instances, block.depth, block.memories) == (before.instances, before.depth, before.memories), name
        for field in ("dsp", "bram36", "uram"):
            assert getattr(block.own, field) == getattr(before.own, field), f"{name}: {field}"
        for field in ("lut", "ff"):
            now, then = getattr(block.own, field), getattr(before.own, field)
            assert abs(now - then) <= max(FEW, TOLERANCE * then), f"{name}: {now} {field}, kept are {then}"
