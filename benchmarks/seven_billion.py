"""What a model of Llama-2-7B's size takes on this machine: ``seven_billion.py [-d DIRECTORY] [STEP …]``.

It makes one with random weights in Q4_0, compresses it, and decodes with the golden model and with the RTL of the whole
accelerator, each in a process of its own, whose time and largest memory are printed. Every byte of the cache and
every logit of the RTL is compared. What a step leaves is there for the next: 6 GB, and 2 more in the cache meanwhile.

The step ``gptq`` runs only where it is named: it takes hours, or with ``--layers 1`` tells what a layer takes.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks.table import print_table
from golden.errors import InputError
from myhdl_acc.cli.exits import run
from myhdl_acc.report.perf.shapes import NAMES

_ROOT = Path(__file__).parents[1]
_TEXT = "text.txt"  # to calibrate with: whatever it says, random weights make nothing of it
STEPS = ("make", "compress", "golden", "rtl")
LONG = "gptq"


def commands(directory, model, layers, config, count):
    """``{step: arguments of Python}``."""
    float_model, compressed = str(directory / f"{model}.gguf"), str(directory / f"{model}.acc")
    tool, decode = ("-m", "myhdl_acc"), ("generate", compressed, "Hi", "-n", str(count), "--json")
    some = () if layers is None else ("--layers", str(layers))
    calibrated = (str(directory / "gptq.acc"), "--method", "gptq", "--calibration", str(directory / _TEXT), "--json")
    return {
        "make": ("scripts/make_random_gguf.py", model, "-o", float_model, *some),
        "compress": (*tool, "compress", float_model, "-o", compressed, "--method", "nearest", "--json"),
        "golden": (*tool, *decode),
        "rtl": (*tool, *decode, "--backend", "verilator", "--config", config),
        LONG: (*tool, "compress", float_model, "-o", *calibrated),
    }


def measured(arguments):
    """``(seconds, processor seconds, bytes of the largest memory)`` of a Python process; what it prints, it prints.

    Children that it waited for count. Raises InputError if it fails.
    """
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, *arguments], cwd=_ROOT)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise InputError(f"{' '.join(arguments)}: ended with exit code {os.waitstatus_to_exitcode(status)}")
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("steps", nargs="*", metavar="STEP", help=f"of {', '.join(STEPS)} (the default), {LONG}")
    parser.add_argument("-d", "--directory", type=Path, default=_ROOT / "build" / "seven-billion")
    parser.add_argument("--model", choices=NAMES, default="llama-2-7b")
    parser.add_argument("--layers", type=int, help="instead of as many as the model has")
    parser.add_argument("--config", default="u280")
    parser.add_argument("-n", "--tokens", type=int, default=2)
    arguments = parser.parse_args()
    unknown = set(arguments.steps) - {*STEPS, LONG}
    if unknown:
        raise InputError(f"no step {min(unknown)}; there are {', '.join(STEPS)}")
    directory = arguments.directory.resolve()
    directory.mkdir(parents=True, exist_ok=True)
    (directory / _TEXT).write_text("".join(page.read_text("utf-8") for page in sorted((_ROOT / "docs").glob("*.md"))))
    todo = commands(directory, arguments.model, arguments.layers, arguments.config, arguments.tokens)
    rows = []
    for step in arguments.steps or STEPS:
        seconds, processor, memory = measured(todo[step])
        rows.append((step, round(seconds, 1), round(processor, 1), round(memory / 1e9, 2)))
    print_table(arguments.model, ("step", "seconds", "processor seconds", "largest memory, GB"), rows)


if __name__ == "__main__":
    run(main)
