"""Conversions are kept until a source file changes."""

import io
import sys

import pytest
from simulation_designs import register_stage

from myhdl_acc.hdl.convert import convert
from myhdl_acc.hdl.stream import Stream, m2s_pipe
from myhdl_acc.simulate import Design, cache, clock, kept, reset


@pytest.fixture
def conversions(monkeypatch, tmp_path):
    """The designs that are converted; another process (an emptied memory) starts with ``conversions.restart()``."""

    class Conversions(list):
        def restart(self):
            monkeypatch.setattr(cache, "_converted", {})

    made = Conversions()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "convert", lambda design, *rest: made.append(design.name) or convert(design, *rest))
    made.restart()
    return made


def design(width=8, block=m2s_pipe):
    sink, source = (Stream(data=width, last=1) for _ in range(2))
    return Design(block, clk=clock(), rst=reset(), sink=sink, source=source)


def test_a_conversion_is_kept_for_later_processes(conversions):
    top, files = cache.converted(design(), "vhdl")
    conversions.restart()
    again = cache.converted(design(), "vhdl")
    assert conversions == ["m2s_pipe"]
    assert again == (top, files) and list(again[1]) == list(files)  # the order in which they are analysed
    assert top == "m2s_pipe" and list(files)[-1] == "m2s_pipe.vhd"


def test_another_design_language_or_source_is_converted(conversions, monkeypatch, tmp_path):
    source = tmp_path / "myhdl_acc" / "block.py"
    source.parent.mkdir()
    source.write_text("first")
    monkeypatch.setattr(kept, "_ROOT", tmp_path)
    narrow, wide = cache.converted(design(8), "verilog"), cache.converted(design(9), "verilog")
    assert narrow != wide
    cache.converted(design(8), "vhdl")
    assert len(conversions) == 3
    source.write_text("second")
    conversions.restart()
    assert cache.converted(design(8), "verilog") == narrow
    assert len(conversions) == 4


def test_a_block_from_elsewhere_is_converted_in_every_process(conversions):
    cache.converted(design(block=register_stage), "verilog")
    conversions.restart()
    cache.converted(design(block=register_stage), "verilog")
    assert len(conversions) == 2


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_shows_what_takes_long(conversions, monkeypatch):
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    cache.converted(design(), "vhdl")
    cache.build("ghdl", {"a.vhd": ""}, lambda directory: None)
    shown = "\rconverting m2s_pipe to vhdl …", "\rbuilding with ghdl, kept for the next time …"
    assert terminal.getvalue() == "".join(f"{line}\r{' ' * (len(line) - 1)}\r" for line in shown)
    conversions.restart()
    cache.converted(design(), "vhdl")
    cache.build("ghdl", {"a.vhd": ""}, lambda directory: None)
    assert terminal.getvalue().count("…") == 2
    monkeypatch.setattr(sys, "stderr", pipe := io.StringIO())
    cache.build("ghdl", {"b.vhd": ""}, lambda directory: None)
    assert pipe.getvalue() == ""
