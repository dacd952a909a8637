"""Converts a design to VHDL or Verilog, one file per entity."""

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from myhdl.conversion._toVHDL import _shortversion
from myhdl.conversion._toVHDLPackage import _package

from golden.errors import InputError
from myhdl_acc.hdl.convert.errors import ConversionError
from myhdl_acc.hdl.convert.worker import GUARD, Job

HDLS = ("vhdl", "verilog")
SUFFIX = {"vhdl": ".vhd", "verilog": ".v"}


@dataclass(frozen=True)
class ConversionReport:
    """``top``: name of the top entity. ``files``: all files in the order in which they must be analysed.

    ``seconds``: time it took. ``peak_mib``: an upper bound of the memory that all processes together used.
    """

    top: str
    files: list
    seconds: float
    peak_mib: float


def convert(design, hdl, directory):
    """Write the HDL of a Design (or an EntitySpec) into ``directory``, which is made if need be; returns the report.

    One file per distinct entity, called like the block's function, or ``function_1``, ``function_2``, … in order of
    first use if it occurs with different arguments; the same design always gives the same bytes. Nothing is written
    unless all of it converts. Raises ConversionError for a block that would become wrong hardware, InputError if the
    directory cannot be written.
    """
    if hdl not in HDLS:
        raise InputError(f"convert: no HDL {hdl!r}; there are {', '.join(HDLS)}")
    if GUARD in os.environ:
        raise ConversionError(
            'convert: a module converts while it is imported; put the call under __name__ == "__main__"'
        )
    spec = getattr(design, "spec", design)
    start = time.perf_counter()
    directory = Path(directory)
    missing = [place for place in (directory, *directory.parents) if not place.exists()]
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".convert-", dir=directory) as scratch:
            entities, peak = _run_worker(spec, hdl, scratch)
            files = [Path(scratch, entity + SUFFIX[hdl]) for entity in entities]
            if hdl == "vhdl":
                package = Path(scratch, f"pck_myhdl_{_shortversion}.vhd")
                package.write_text(_package.strip() + "\n")
                files.insert(0, package)
            for file in files:
                os.replace(file, directory / file.name)
    except OSError as error:
        raise InputError(f"convert: cannot write to {directory}: {error.strerror}") from None
    finally:
        for place in missing:
            with contextlib.suppress(OSError):  # it was not made, or it holds the files
                place.rmdir()
    return ConversionReport(entities[-1], [directory / file.name for file in files], time.perf_counter() - start, peak)


def _run_worker(spec, hdl, directory):
    job = Job(hdl, str(directory), sys.path, _source_files(), _pickled(spec))
    command = [sys.executable, "-X", "utf8", "-m", "myhdl_acc.hdl.convert.worker"]
    root = Path(__file__).parents[3]  # this copy of the package, wherever the caller got it from
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")]),
        "PYTHONHASHSEED": "0",  # MyHDL lists sensitivities in the order of a set of names
    }
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=pipe, env=environment, start_new_session=True
    ) as process:
        try:
            answer, noise = process.communicate(pickle.dumps(job))
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)  # with the children that it forked
            raise
    if process.returncode or not answer:
        last = noise.decode(errors="replace").strip().splitlines()[-1:] or ["no message"]
        raise ConversionError(f"convert: the conversion process failed: {last[0]}")
    result, problem = pickle.loads(answer)
    if problem:
        raise ConversionError(problem)
    return result


def _pickled(spec):
    try:
        return pickle.dumps(spec)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise ConversionError(
            f"convert: {spec.function} has an argument that is not module-level data: {error}"
        ) from None


def _source_files():
    """Source files of the loaded modules that are not installed, by module name."""
    installed = (sys.prefix, sys.base_prefix)
    files = {name: getattr(module, "__file__", None) for name, module in list(sys.modules.items())}
    return {
        name: os.path.abspath(file)
        for name, file in files.items()
        if file and file.endswith(".py") and not os.path.abspath(file).startswith(installed)
    }
