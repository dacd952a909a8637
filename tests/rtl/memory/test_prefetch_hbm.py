"""prefetch as on the card, in Verilator, on the HBM model: the bandwidth of the memory, and a buffer that hides it."""

import dataclasses
import subprocess
from pathlib import Path

import pytest
from memory_designs import base_address

from myhdl_acc.hdl.stream import Stream
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.memory.channels import read_command_stream, read_port, status
from myhdl_acc.rtl.memory.prefetch import prefetch
from myhdl_acc.simulate import Design, clock, hbm, reset
from myhdl_acc.simulate.cache import build, converted, run_tool

HEADER = Path(hbm.__file__).with_name("templates") / "hbm.h"
U280 = AcceleratorConfig.preset("u280")


@pytest.fixture(scope="module")
def program():
    beat = U280.beat_bits
    design = Design(
        prefetch, clk=clock(), rst=reset(), sink_command=read_command_stream(), port=read_port(beat),
        source_beat=Stream(data=beat), base=base_address(), status=status(), depth=U280.prefetch,
    )  # fmt: skip
    top, files = converted(design, "verilog")
    command = ["verilator", "--cc", "--exe", "--build", "-O3", "-CFLAGS", "-O2 -std=gnu++17", "--top-module", top]
    command += ["prefetch_hbm.cpp", *files]
    files |= {"hbm.h": HEADER.read_text(), "prefetch_hbm.cpp": Path(__file__).with_name("prefetch_hbm.cpp").read_text()}
    files["command"] = " ".join(command)
    return build("verilator", files, lambda path: run_tool(command, path)) / "obj_dir" / "Vprefetch"


def cycles(program, beats, pause=0, parameters=None):
    values = dataclasses.astuple(parameters or hbm.HbmParameters())
    command = [str(program), str(beats), str(pause), *map(str, values)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    return int(done.stdout)


def test_all_of_the_bandwidth(program):
    assert 20000 * 64 * 225e6 / cycles(program, 20000) == pytest.approx(13.27e9, rel=0.02)


def test_a_full_queue_hides_refreshes(program):
    """4,096 beats are there after a pause: they and what comes meanwhile are taken one per cycle."""
    pause = 6000
    assert cycles(program, 20000, pause) == pause + 20000


def test_ideal(program):
    assert cycles(program, 5000, parameters=hbm.HbmParameters(ideal=1)) == 3 + 24 + 3 + 5000
