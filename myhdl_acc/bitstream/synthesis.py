"""Synthesis for the board's part: the script of what is routed and of what is simulated, and a netlist to simulate."""

from pathlib import Path

from myhdl_acc.simulate.kept import keep
from myhdl_acc.simulate.yosys import Yosys, share, version

_SCRIPT = """\
{read}
setattr -unset ram_style m:*
synth_lattice -family ecp5 -top {top} {options}
"""
_CELLS = Path(__file__).parent / "cells"
#: Models that Yosys brings: LUTs, multiplexers, flip-flops, LUT RAM; carry chains.
_LATTICE = ("common_sim.vh", "ccu2c_sim.vh")


def synthesis(names, top, options):
    """The Yosys script that makes one netlist of ``top`` and all below it, in the Verilog files ``names``; ``options``:
    of synth_lattice besides."""
    return _SCRIPT.format(read="\n".join(f"read_verilog {name}" for name in names), top=top, options=options)


def netlist(top, files):
    """{file name: text} of the cells of the module ``top`` and of the cells' models, for a simulation.

    ``files``: Verilog, {name: text}. The cells of ``top`` are what the part has, but for the pads.
    """
    steps = synthesis(sorted(files), top, "-noiopad") + "write_verilog -noattr netlist.v\n"

    def make(directory):
        for name, text in files.items():
            (directory / name).write_text(text)
        Yosys().run(top, steps, directory)

    parts = [version(), steps, *(part for item in sorted(files.items()) for part in item)]
    found = (keep("netlist", parts, make) / "netlist.v").read_text()
    return {"models.v": models(), "netlist.v": found}


def models():
    """The Verilog of the cells in a netlist(). Verilator refuses a cell's mode that its model does not know."""
    files = [*(share() / "lattice" / name for name in _LATTICE), *sorted(_CELLS.glob("*.v"))]
    return "\n".join(["`define NO_INCLUDES", *(file.read_text() for file in files)])
