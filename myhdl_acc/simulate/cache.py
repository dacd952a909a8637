"""Conversions and builds of designs, kept between runs."""

import contextlib
import importlib.metadata
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from golden.errors import InputError
from myhdl_acc.hdl.convert import convert
from myhdl_acc.simulate.kept import keep, sources
from myhdl_acc.simulate.stimulus import SimulationError

_PACKAGES = {"verilator": "verilator", "ghdl": "ghdl", "iverilog": "iverilog", "g++": "g++", "make": "make"}
_ORDER = "order.txt"  # the names of a conversion's files, the top last
_converted = {}  # (spec key, hdl) -> (top, {file name: text}); a design is converted once in a process


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
    """The HDL of a design: (top entity, {file name: text} in the order of analysis).

    The conversion of a block of this package is kept on disk until a source file changes. Which files a block from
    elsewhere depends on is unknown, so that one is converted once in every process.
    """
    key = design.spec.key, hdl
    if key not in _converted:
        if design.spec.module.startswith("myhdl_acc."):
            parts = [*key, sys.version, importlib.metadata.version("myhdl"), *sources("golden", "myhdl_acc")]
            directory = keep(hdl, parts, lambda scratch: _convert(design, hdl, scratch))
            _converted[key] = _read_conversion(directory)
        else:
            with tempfile.TemporaryDirectory(prefix="myhdl-acc-") as directory:
                _convert(design, hdl, directory)
                _converted[key] = _read_conversion(directory)
    return _converted[key]


_listeners = []


@contextlib.contextmanager
def telling(listener):
    """Within, ``listener(text)`` is called with what begins to take long, instead of the terminal."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


@contextlib.contextmanager
def _shown(what):
    """A line on the terminal, if that is where stderr goes, for as long as something takes."""
    shown = not _listeners and sys.stderr is not None and sys.stderr.isatty()
    for listener in _listeners:
        listener(what)
    if shown:
        print(f"\r{what} …", end="", file=sys.stderr, flush=True)
    try:
        yield
    finally:
        if shown:
            print(f"\r{' ' * (len(what) + 2)}\r", end="", file=sys.stderr, flush=True)


def _convert(design, hdl, directory):
    with _shown(f"converting {design.name} to {hdl}"):
        files = convert(design, hdl, directory).files
    Path(directory, _ORDER).write_text("\n".join(file.name for file in files))


def _read_conversion(directory):
    names = Path(directory, _ORDER).read_text().split("\n")
    return Path(names[-1]).stem, {name: Path(directory, name).read_text() for name in names}


def build(tool, files, make):
    """The directory of a build from ``files`` ({name: text}), made by ``make(directory)`` if it is not there yet.

    ``make`` finds the files in the directory.
    """

    def write_and_make(scratch):
        for name, text in files.items():
            (scratch / name).write_text(text)
        with _shown(f"building with {tool}, kept for the next time"):
            make(scratch)

    return keep(tool, [version(tool), *(part for item in files.items() for part in item)], write_and_make)


def run_tool(command, directory):
    """Run a build step; raises SimulationError with what it complained about."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=directory, stdout=pipe, stderr=pipe, text=True, errors="replace", start_new_session=True
    ) as process:
        try:
            out, complaints = process.communicate()
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)  # with the compilers that it started
            raise
    if process.returncode:
        lines = [line for line in (complaints + out).splitlines() if "rror" in line] or [complaints.strip()]
        raise SimulationError(f"{command[0]} failed: {lines[0].strip()}")
