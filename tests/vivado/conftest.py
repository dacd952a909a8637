"""A kernel of the stand-in design, and stand-ins for the vendor's tools on the PATH."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent / "rtl" / "kernel")]


@pytest.fixture(scope="session")
def packaged_hdl(tmp_path_factory):
    """What ``convert --kernel`` writes, of the stand-in design with two memory ports."""
    from kernel_designs import registers, stand_in_design

    from myhdl_acc.rtl.config import AcceleratorConfig
    from myhdl_acc.rtl.kernel import write_kernel

    directory = tmp_path_factory.mktemp("kernel") / "hdl"
    write_kernel(stand_in_design(2), AcceleratorConfig.preset("tiny"), registers, directory)
    return directory


@pytest.fixture
def hdl(packaged_hdl, tmp_path):
    """A copy that a test may damage."""
    return Path(shutil.copytree(packaged_hdl, tmp_path / "hdl"))


@pytest.fixture
def scripts(tmp_path):
    """A copy of vivado/ that a test may damage."""
    return Path(shutil.copytree(ROOT / "vivado", tmp_path / "scripts"))


@pytest.fixture(scope="session")
def vivado_environment():
    """What the Vivado stub needs."""
    if not shutil.which("tclsh"):
        pytest.fail("tclsh is not installed; on Debian: apt-get install tcl")
    return dict(os.environ)


@pytest.fixture
def tools(tmp_path, vivado_environment):
    """Environment with vivado, v++ and emconfigutil that are the stubs; the Vivado stub logs its commands."""
    directory = tmp_path / "bin"
    directory.mkdir()
    stubs = {
        "vivado": f'exec tclsh "{HERE}/vivado_stub.tcl" "$@"',
        "v++": f'exec "{sys.executable}" "{HERE}/vpp_stub.py" "$@"',
        "emconfigutil": f'exec "{sys.executable}" "{HERE}/vpp_stub.py" emconfigutil "$@"',
    }
    for name, command in stubs.items():
        path = directory / name
        path.write_text(f"#!/bin/sh\n{command}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    path = os.pathsep.join([str(directory), os.environ["PATH"]])
    return {**vivado_environment, "PATH": path, "VIVADO_STUB_LOG": str(tmp_path / "commands.log")}


@pytest.fixture
def many_runs(tmp_path, vivado_environment):
    """``many_runs("-source", script, …)``: a Run, in a process that stays."""
    from many_runs import ManyRuns

    with ManyRuns(tmp_path, vivado_environment) as run:
        yield run


@pytest.fixture
def run_vivado(tools, tmp_path):
    """``run_vivado(scripts, "-hdl", …)`` sources build.tcl as a user does; returns the finished process."""

    def run(scripts, *arguments):
        command = ["vivado", "-mode", "batch", "-source", scripts / "build.tcl", "-tclargs", *arguments]
        return subprocess.run(
            list(map(str, command)), cwd=tmp_path, env=tools, capture_output=True, text=True, timeout=120
        )

    return run


@pytest.fixture
def run_make(tools, tmp_path):
    """``run_make("xo", hdl, "FREQ=200")`` runs make with a myhdl-acc that hands out ``hdl`` as ``convert --kernel``
    would; returns the finished process. ``out`` in ``tmp_path`` has what it makes. ``root``: the checkout."""

    def run(target, hdl, *variables, root=ROOT, out="out"):
        out = tmp_path / out
        venv = tmp_path / "venv"
        (venv / "bin").mkdir(parents=True)
        tool = venv / "bin" / "myhdl-acc"
        tool.write_text(
            f'#!/bin/sh\n[ "$1 $2 $5" = "convert --kernel -o" ] && mkdir -p "${{6%/hdl}}" && cp -r "{hdl}" "$6"\n'
        )
        tool.chmod(0o755)
        command = ["make", "-C", root, target, f"VENV={venv}", f"KERNEL_DIR={out}", f"STAMP={hdl}/config.tcl"]
        return subprocess.run(
            list(map(str, [*command, *variables])), env=tools, capture_output=True, text=True, timeout=120
        )

    return run
