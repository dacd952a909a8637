"""Large memories are marked for UltraRAM in both HDLs, small ones are left alone."""

import subprocess

import pytest

from myhdl_acc.hdl.convert import convert
from myhdl_acc.hdl.convert.convert import SUFFIX
from myhdl_acc.hdl.stream import Stream, fifo
from myhdl_acc.simulate import Design, clock, open_simulation, reset
from myhdl_acc.simulate.scoreboard import check_words, random_words


def queue(depth):
    return Design(
        fifo, clk=clock(), rst=reset(), sink=Stream(data=64, mark=80), source=Stream(data=64, mark=80), depth=depth
    )


@pytest.mark.parametrize("hdl, attribute", [("vhdl", 'signal is "ultra";'), ("verilog", '(* ram_style = "ultra" *)')])
def test_large_memories_only(tmp_path, hdl, attribute):
    for depth, count in ((4096, 2), (3500, 1), (512, 0)):
        text = (tmp_path / str(depth)).with_suffix("")
        convert(queue(depth), hdl, text)
        assert (text / f"fifo{SUFFIX[hdl]}").read_text().count(attribute) == count


def test_the_tools_take_it(tmp_path):
    convert(queue(4096), "vhdl", tmp_path / "hdl")
    files = [str(file) for file in (tmp_path / "hdl" / "pck_myhdl_011.vhd", tmp_path / "hdl" / "fifo.vhd")]
    subprocess.run(["ghdl", "-a", "--std=08", *files], cwd=tmp_path, check=True)
    words = random_words(queue(4096).inputs["sink"].fields, 9, seed=1)
    with open_simulation(queue(4096), "verilator") as simulation:
        check_words(simulation.run({"sink": words}, {"source": 9}).outputs["source"], words)
