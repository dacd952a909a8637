"""The steps of the large model's benchmark follow each other, on a small one."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run(tmp_path, *arguments):
    command = [sys.executable, "benchmarks/seven_billion.py", "-d", str(tmp_path), "--model", "smollm2", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_steps(tmp_path):
    process = run(tmp_path, "--layers", "1", "-n", "1", "make", "compress", "golden", "gptq")
    assert process.returncode == 0, process.stderr
    table = [
        [cell.strip() for cell in line.split("|")[1:-1]] for line in process.stdout.splitlines() if line[:1] == "|"
    ]
    assert [row[0] for row in table[2:]] == ["make", "compress", "golden", "gptq"]
    assert all(float(number) > 0 for row in table[2:] for number in row[1:])
    assert sorted(path.name for path in tmp_path.glob("*.*")) == ["gptq.acc", "smollm2.acc", "smollm2.gguf", "text.txt"]


def test_a_step_that_fails_ends_it_with_a_line(tmp_path):
    process = run(tmp_path, "golden", "make")
    assert process.returncode == 2 and "smollm2.acc: no such file" in process.stderr
    assert "error: -m myhdl_acc generate" in process.stderr and process.stdout == ""
    assert "no step sing" in run(tmp_path, "sing").stderr
