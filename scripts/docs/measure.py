"""Renews docs/data: minutes to an hour of processor time."""

import json
import subprocess
import sys
from pathlib import Path

from scripts.docs import data, one_token, points, routed_blocks

#: Runs of the whole accelerator by name: a command of ``myhdl-acc``, and which of its fields are kept.
_DECODED = ("cycles_per_token", "utilisation")
_SHARES = ("share_of_peak", "share_of_achievable")
_MEASURED = ("cycles_per_token", "tokens_per_s", *_SHARES, "bytes_per_token", "lost_cycles")
RUNS = {
    "austen": ("demo --model austen", _DECODED),
    "austen-greedy": ("demo --model austen --temperature 0", _DECODED),
    "glassllm": ("demo --model glassllm", _DECODED),
    "smollm2": ("demo --model smollm2 -n 8", _DECODED),
    "llama-2-7b": ("perf --model llama-2-7b", _MEASURED),
    "llama-2-7b-filling": ("perf --model llama-2-7b --context 1024 --compose", _MEASURED),
    "llama-2-7b-accllm": ("perf --model llama-2-7b --sinks 2 --window 2046 --context 8192 --compose", _MEASURED),
    "llama-2-7b-prefill": ("perf --model llama-2-7b --phase prefill --context 512 --compose", _MEASURED),
    "llama-2-7b-prefill-evicting": ("perf --model llama-2-7b --phase prefill --context 4096 --compose", _MEASURED),
    "llama-3.2-1b": ("perf --model llama-3.2-1b", _MEASURED),
}


_PATHS = 12  # that are kept


def _run(command):
    """The JSON that a command of ``myhdl-acc`` prints."""
    print(f"myhdl-acc {command} --json", file=sys.stderr, flush=True)
    process = [sys.executable, "-m", "myhdl_acc", *command.split(), "--json"]
    return json.loads(subprocess.run(process, check=True, stdout=subprocess.PIPE).stdout)


def cycles():
    """Run by run, each kept when it has ended."""
    for name, (command, fields) in RUNS.items():
        report = _run(command)
        figures = {"command": command} | {field: report[field] for field in fields}
        data.write("cycles", data.read("cycles") | {name: figures})


def resources():
    """And the clock that they may have."""
    found = _run("synth --config u280 --timing")
    timing = found.pop("timing")
    data.write("u280", found)
    data.write("u280_timing", timing | {"paths": timing["paths"][:_PATHS]})


def bitstream():
    """Goes on with ``build/bitstream-ulx3s``, or begins it: an hour of one core. Blocks of it by themselves, too."""
    directory = "build/bitstream-ulx3s"
    report = _run(f"bitstream --board ulx3s --clock 50 -o {directory}")
    kept = ("clock_mhz", "mhz", "seed", "config", "critical_path", "utilisation")
    data.write("ulx3s", {name: report[name] for name in kept})
    whole = {"the whole board": routed_blocks.of_board(Path(directory))}
    data.write("ecp5_blocks", routed_blocks.measure() | whole)


def token():
    data.write("one_token", one_token.measure(one_token.record()))


def notebook():
    from scripts.docs.notebook_picture import take  # which needs a browser, and JupyterLab

    take()


PARTS = {
    "bitstream": bitstream,
    "cycles": cycles,
    "points": points.cycles,
    "point_resources": points.resources,
    "resources": resources,
    "token": token,
    "notebook": notebook,
}
