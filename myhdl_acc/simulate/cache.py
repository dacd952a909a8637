"""Builds that are kept, by the hash of all that goes into them."""

import contextlib
import hashlib
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from golden.errors import InputError
from myhdl_acc.convert import convert
from myhdl_acc.simulate.stimulus import SimulationError

_PACKAGES = {"verilator": "verilator", "ghdl": "ghdl", "iverilog": "iverilog", "g++": "g++", "make": "make"}
_converted = {}  # (spec key, hdl) -> (top, {file name: text}); a design is converted once in a process


def cache_directory():
    """``$XDG_CACHE_HOME/myhdl_acc``, ``~/.cache/myhdl_acc`` if that is not set."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "myhdl_acc"


def require(*tools):
    """Raise InputError unless all these programs are installed."""
    for tool in tools:
        if not shutil.which(tool):
            raise InputError(f"simulate: {tool} is not installed; on Debian: apt-get install {_PACKAGES[tool]}")


@cache
def version(tool):
    """What the program says its version is."""
    flag = "-V" if tool == "iverilog" else "--version"
    return subprocess.run([tool, flag], capture_output=True, text=True, check=False).stdout.splitlines()[0]


def converted(design, hdl):
    """The HDL of a design: (top entity, {file name: text} in the order of analysis)."""
    key = design.spec.key, hdl
    if key not in _converted:
        with tempfile.TemporaryDirectory(prefix="myhdl-acc-") as directory:
            report = convert(design, hdl, directory)
            _converted[key] = report.top, {file.name: file.read_text() for file in report.files}
    return _converted[key]


def build(tool, files, make):
    """The directory of a build from ``files`` ({name: text}), made by ``make(directory)`` if it is not there yet.

    ``make`` finds the files in the directory. The directory appears under its final name only when it is complete, so
    any number of processes may build at a time.
    """
    parts = [tool, version(tool), *(part for item in files.items() for part in item)]
    digest = hashlib.sha256(b"".join(hashlib.sha256(part.encode()).digest() for part in parts)).hexdigest()
    root = cache_directory()
    final = root / f"{tool}-{digest[:24]}"
    if final.is_dir():
        return final
    try:
        root.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".build-", dir=root))
    except OSError as error:
        raise InputError(f"simulate: cannot write to {root}: {error.strerror}; set XDG_CACHE_HOME") from None
    try:
        for name, text in files.items():
            (scratch / name).write_text(text)
        make(scratch)
        with contextlib.suppress(OSError):  # somebody else was faster
            os.rename(scratch, final)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return final


def run_tool(command, directory):
    """Run a build step; raises SimulationError with what it complained about."""
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False, errors="replace")
    if done.returncode:
        lines = [line for line in (done.stderr + done.stdout).splitlines() if "rror" in line] or [done.stderr.strip()]
        raise SimulationError(f"{command[0]} failed: {lines[0].strip()}")
