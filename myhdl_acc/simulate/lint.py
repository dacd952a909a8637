"""What GHDL and Verilator say about converted HDL."""

import shutil
import subprocess
import tempfile

from golden.errors import InputError
from myhdl_acc.hdl.convert.errors import ConversionError


def lint_vhdl(report):
    """Analyse, elaborate and synthesise a VHDL ConversionReport with GHDL; returns the synthesised netlist as VHDL.

    Raises ConversionError with GHDL's first complaint, a warning about a latch included.
    """
    with tempfile.TemporaryDirectory(prefix="myhdl-acc-") as work:
        options = ["--std=08", f"--workdir={work}"]
        _run(["ghdl", "-a", *options, *map(str, report.files)])
        _run(["ghdl", "-e", *options, "-o", f"{work}/top", report.top])
        netlist, messages = _run(["ghdl", "--synth", *options, report.top])
    for line in messages.splitlines():
        if "latch" in line.lower():
            raise ConversionError(f"ghdl: {line}")
    return netlist


def lint_verilog(report):
    """Check a Verilog ConversionReport with ``verilator --lint-only -Wall``; raises ConversionError if it warns."""
    _run(["verilator", "--lint-only", "-Wall", "--top-module", report.top, *map(str, report.files)])


def _run(command):
    """Standard output and standard error of a tool that must succeed."""
    if not shutil.which(command[0]):
        raise InputError(f"lint: {command[0]} is not installed; on Debian: apt-get install {command[0]}")
    done = subprocess.run(command, capture_output=True, text=True, check=False, errors="replace")
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no message"]
        raise ConversionError(f"{command[0]}: {lines[0]}")
    return done.stdout, done.stderr
