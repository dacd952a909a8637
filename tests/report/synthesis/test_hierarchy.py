"""Synthesis entity by entity: known resources and depths, instance counts, and the whole against a flat synthesis."""

import json

import pytest
from myhdl import Signal, intbv
from synthesis_blocks import lookup, memory, parity, product, tower, word_register

from golden.errors import InputError
from myhdl_acc.hdl.convert import convert
from myhdl_acc.hdl.convert.errors import ConversionError
from myhdl_acc.report.synthesis import Resources, synthesise
from myhdl_acc.report.synthesis.resources import count_cells
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.engine.engine import engine, engine_ports
from myhdl_acc.simulate import Design, clock, reset, yosys
from myhdl_acc.simulate.yosys import Yosys


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def word(bits):
    return Signal(intbv(0)[bits:])


def clocked(block, **arguments):
    return Design(block, clk=clock(), rst=reset(), **arguments)


def single(design):
    """The one block of a design without hierarchy."""
    (block,) = synthesise(design).blocks
    assert block.instances == 1
    return block


def test_flip_flops():
    block = single(clocked(word_register, d=word(24), q=word(24)))
    assert block.own == Resources(ff=24) and block.depth == 0


def test_luts_and_depth():
    block = single(clocked(parity, d=word(11), q=Signal(bool(0))))
    assert block.depth == 2
    assert block.own in (Resources(lut=2, ff=1), Resources(lut=3, ff=1))  # the mapping prefers fast pins to few LUTs


def test_multiplier_is_one_level():
    block = single(Design(product, clk=clock(), a=word(16), b=word(16), q=word(32)))
    assert block.own.dsp == 1 and block.own.lut == 0 and block.depth == 1


def memory_design(block, depth, bits):
    address = word((depth - 1).bit_length())
    return Design(block, clk=clock(), write=Signal(bool(0)), address=address, d=word(bits), q=word(bits), depth=depth)


def test_block_memory_ends_a_path():
    block = single(memory_design(memory, 1024, 36))
    assert block.own.bram36 == 1 and block.own.lut == 0
    assert block.memories == {"RAMB36E2": 1} and block.depth == 0


def test_half_a_block_memory():
    assert single(memory_design(memory, 1024, 18)).own.bram36 == 0.5


def test_distributed_memory_is_luts_and_a_level():
    block = single(memory_design(lookup, 32, 6))
    assert set(block.memories) <= {"RAM32M", "RAM32M16"} and sum(block.memories.values()) == 1
    assert block.own.lut >= 4 and block.depth == 2


def test_instances_multiply_and_results_are_kept(monkeypatch):
    design, steps = clocked(tower, d=word(11), q=Signal(bool(0))), []
    result = synthesise(design, lambda name, total: steps.append((name, total)))
    assert sorted(steps) == [(name, 4) for name in sorted(["parity", "word_register", "storey", "tower"])]
    assert result.top == "tower"
    assert {block.name: block.instances for block in result.blocks} == {
        "tower": 1, "storey": 2, "word_register": 2, "parity": 2,
    }  # fmt: skip
    own = {block.name: block.own for block in result.blocks}
    assert own["tower"] == Resources(lut=1) and own["storey"] == Resources()
    assert result.total == Resources(lut=1 + 2 * own["parity"].lut, ff=2 * 11 + 2) and result.depth == 2
    monkeypatch.setattr(yosys.subprocess, "Popen", None)  # nothing may be started
    assert synthesise(design) == result


@pytest.mark.slow
def test_whole_engine_against_flat_synthesis(tmp_path):
    """Entity by entity nothing is optimised over the boundaries, so there are some flip-flops more."""
    design = clocked(engine, **engine_ports(AcceleratorConfig.preset("tiny")))
    total = synthesise(design).total
    report = convert(design, "verilog", tmp_path / "hdl")
    sources = " ".join(f"hdl/{file.name}" for file in report.files)
    script = f"""read_verilog {sources}
synth_xilinx -family xcup -flatten -noiopad -top {report.top}
tee -q -o cells.json stat -json
"""
    Yosys().run("flat", script, tmp_path)
    flat = count_cells(json.loads((tmp_path / "cells.json").read_text())["design"]["num_cells_by_type"])
    assert total.dsp == flat.dsp > 0 and total.bram36 == flat.bram36 and total.uram == flat.uram
    assert flat.ff <= total.ff <= 1.1 * flat.ff
    assert 0.98 * flat.lut <= total.lut <= 1.1 * flat.lut


def test_yosys_errors_are_one_line(tmp_path):
    with pytest.raises(ConversionError, match=r"^label: Yosys: ERROR: .*nothing"):
        Yosys().run("label", "hierarchy -check -top nothing\n", tmp_path)


def test_stopped_yosys_refuses(tmp_path):
    tool = Yosys()
    tool.stop()
    with pytest.raises(ConversionError, match="stopped"):
        tool.run("label", "stat\n", tmp_path)


def test_missing_yosys(monkeypatch):
    monkeypatch.setattr(yosys.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match="Yosys is not installed"):
        synthesise(clocked(word_register, d=word(24), q=word(24)))
