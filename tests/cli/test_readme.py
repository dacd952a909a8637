"""What the README tells a newcomer to type works."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np

from myhdl_acc.cli.main import COMMANDS

README = (Path(__file__).parents[2] / "README.md").read_text()


def code(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_python_example_computes_what_it_says(tmp_path):
    (example,) = code("python")
    process = subprocess.run([sys.executable, "-c", example], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert process.returncode == 0, process.stderr
    *sums, cycles = (int(number) for number in re.findall(r"-?\d+", process.stdout))
    weights = np.array([0, 30, 0, -10] * 16)
    assert sums == [int(weights @ np.arange(64))] * 8 and cycles > 0


def test_the_first_screen_has_the_two_commands():
    first = "\n".join(README.splitlines()[:24])
    assert "make demo" in first and "make test" in first


def test_commands_and_options_exist():
    import importlib

    for line in re.findall(r"^myhdl-acc .*", "\n".join(code("sh")), re.MULTILINE):
        _, name, *arguments = shlex.split(line.split("#")[0])
        command = importlib.import_module(f"myhdl_acc.cli.{COMMANDS[name]}").command
        options = {option for parameter in command.params for option in parameter.opts}
        assert {argument for argument in arguments if argument.startswith("-")} <= options, line
