"""The Icarus Verilog backend: the converted Verilog, co-simulated with MyHDL's drivers through ``Cosimulation``.

MyHDL's VPI module exchanges messages of at most 4,096 bytes, in which every changed signal is its name and hexadecimal
value. The test bench therefore gives the pins short names, and a design whose ports cannot fit is refused.
"""

import importlib.metadata
import os
import select
import subprocess
from pathlib import Path

from myhdl import Cosimulation, Signal, intbv

from golden.errors import InputError
from myhdl_acc.simulate.cache import build, converted, require, run_tool
from myhdl_acc.simulate.myhdl_backend import KernelSimulation
from myhdl_acc.simulate.stimulus import SimulationError

_MESSAGE_BYTES = 4096
_TIME_BYTES = 24

ANSWER_SECONDS = 60
"""Processor time that vvp may take for a half cycle; the largest design that fits takes milliseconds."""


def _digits(port):
    return -(-port.width // 4)


def check_size(design, driven, sampled):
    """Raise InputError if a change of all inputs or outputs at once would not fit in a message."""
    requests = _TIME_BYTES + sum(_digits(port) + 1 for port in driven)
    answers = _TIME_BYTES + sum(len(f"o{i} ") + _digits(port) + 1 for i, port in enumerate(sampled))
    answers += len("unknown ") + len(sampled) // 4 + 2
    names = _TIME_BYTES + sum(len(f"i{i} {port.width} ") for i, port in enumerate(driven))
    if max(requests, answers, names) > _MESSAGE_BYTES:
        raise InputError(
            f"simulate: the ports of {design.name} are too wide for MyHDL's co-simulation with Icarus "
            f"({max(requests, answers, names)} of {_MESSAGE_BYTES} bytes); use verilator, ghdl or myhdl"
        )


def bench(design, top, driven, sampled):
    """The Verilog test bench; ``unknown[k]`` tells that output k has an x or z bit, which MyHDL's side cannot see."""
    lines = ["module bench;", "reg clock;"]
    lines += [f"reg {'signed ' * port.signed}[{port.width - 1}:0] i{i};" for i, port in enumerate(driven)]
    lines += [f"wire {'signed ' * port.signed}[{port.width - 1}:0] o{i};" for i, port in enumerate(sampled)]
    lines.append(f"wire [{len(sampled) - 1}:0] unknown;")
    lines += [f"assign unknown[{i}] = (^o{i}) === 1'bx;" for i in range(len(sampled))]
    pins = {port.name: f"i{i}" for i, port in enumerate(driven)}
    pins |= {port.name: f"o{i}" for i, port in enumerate(sampled)}
    pins |= {design.clock: "clock"}
    inputs = ["clock", *(f"i{i}" for i in range(len(driven)))]
    outputs = [*(f"o{i}" for i in range(len(sampled))), "unknown"]
    ports = ",\n".join(f"    .{port.name}({pins[port.name]})" for port in design.ports)
    lines += [
        "initial begin",
        f"    $from_myhdl({', '.join(inputs)});",
        f"    $to_myhdl({', '.join(outputs)});",
        "end",
        f"{top} dut (\n{ports}\n);",
        "endmodule",
    ]
    return "\n".join(lines) + "\n"


def build_vpi():
    """MyHDL's VPI module, built from the sources that its package installs."""
    files = {
        file.name: file.locate().read_text()
        for file in importlib.metadata.files("myhdl")
        if file.match("cosimulation/icarus/*.c") and file.name in ("myhdl.c", "myhdl_table.c")
    }
    return build("iverilog", files, lambda path: run_tool(["iverilog-vpi", *files], path)) / "myhdl.vpi"


class _WatchedCosimulation(Cosimulation):
    """A co-simulation that ends with an error where vvp computes for too long without an answer."""

    def _get(self):
        start = None
        while self._getMode and not select.select([self._rt], [], [], 1)[0]:
            used = _processor_seconds(self._child.pid)
            start = used if start is None else start
            if used - start > ANSWER_SECONDS:
                self._child.kill()
                raise SimulationError(
                    f"icarus: no answer within {ANSWER_SECONDS} s of computing: a combinational loop never settles"
                )
        super()._get()


def _processor_seconds(process):
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class IcarusSimulation(KernelSimulation):
    """Simulates the Verilog with vvp, driven from MyHDL."""

    def __init__(self, design):
        require("iverilog")
        self._cosimulation = None
        try:
            super().__init__(design)
        except BaseException:
            self.close()
            raise

    def _instantiate(self, arguments, signals):
        check_size(self.design, self.driven, self.sampled)
        top, files = converted(self.design, "verilog")
        files = {**files, "bench.v": bench(self.design, top, self.driven, self.sampled)}
        command = ["iverilog", "-g2005", "-o", "bench.vvp", "-s", "bench", *files]
        directory = build("iverilog", {**files, "command": " ".join(command)}, lambda path: run_tool(command, path))
        self._unknown = Signal(intbv(0)[len(self.sampled) :])
        pins = {f"i{i}": sig for i, sig in enumerate(self._inputs)} | {"clock": self._clock}
        pins |= {f"o{i}": sig for i, sig in enumerate(self._outputs)} | {"unknown": self._unknown}
        self._cosimulation = _WatchedCosimulation(
            ["vvp", "-n", "-m", str(build_vpi()), str(directory / "bench.vvp")], **pins
        )
        return self._cosimulation

    def _sample(self):
        unknown = int(self._unknown.val)
        samples = super()._sample()
        return [None if unknown >> i & 1 else value for i, value in enumerate(samples)] if unknown else samples

    def close(self):
        if self._cosimulation is not None and not self._kernel.failed:
            os.close(self._cosimulation._rt)
            os.close(self._cosimulation._wf)
            try:
                self._cosimulation._child.wait(1)
            except subprocess.TimeoutExpired:
                self._cosimulation._child.kill()
                self._cosimulation._child.wait()
        self._cosimulation = None
        self._kernel.stop()
