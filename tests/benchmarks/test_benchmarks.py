"""The benchmarks run, and their tables are Markdown."""

import re
import subprocess
import sys
from pathlib import Path

RUN = Path(__file__).parents[2] / "benchmarks" / "run.py"


def run(*names):
    return subprocess.run([sys.executable, RUN, *names], capture_output=True, text=True, timeout=300)


def test_packing_speed():
    process = run("packing_speed")
    assert process.returncode == 0, process.stderr
    rows = re.findall(r"^\| (w\d) +\| +([\d.]+) \| +([\d.]+) \|$", process.stdout, re.MULTILINE)
    assert [row[0] for row in rows] == ["w2", "w4", "w8"]
    # 135 M weights in seconds, not minutes.
    assert all(float(packed) > 10 for _, packed, _ in rows)


def test_unknown_benchmark():
    process = run("nonsense")
    assert process.returncode == 2 and process.stderr.startswith("no benchmark nonsense; there are engine_utilisation")


def test_every_benchmark_is_listed():
    listed = run("nonsense").stderr.split("there are ")[1].strip().split(", ")
    others = {"run", "table", "accuracy", "families", "seven_billion"}  # with commands of their own
    assert sorted(listed) == sorted({path.stem for path in RUN.parent.glob("*.py")} - others)
