"""Runs a page: its files are written into a copy of the project, its commands run there, their output is looked at."""

import os
import re
import shutil
import subprocess
import sys

from scripts.docs.pages import ROOT

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COPIED = ("golden", "myhdl_acc", "tests", "ruff.toml", "setup.cfg")


def copy_project(directory):
    """What a page adds to."""
    for name in _COPIED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, directory / name)


def walk(text, directory):
    """Do in ``directory`` what a page's ``text`` says; returns the files that it wrote.

    A block of Python that begins with ``# file: NAME`` is that file, one of sh holds commands, and each line of a block
    of text is in what the commands before it printed. Raises AssertionError where that is not so, with all of it.
    """
    files, output = [], ""
    for kind, block in _BLOCK.findall(text):
        if kind == "python":
            first, _, rest = block.partition("\n")
            files.append(write(directory / first.removeprefix("# file: "), rest))
        elif kind == "sh":
            output = "".join(run(command, directory) for command in block.splitlines())
        elif kind == "text":
            for line in block.splitlines():
                assert line in output, f"{line!r} is not in\n{output}"
    return files


def write(file, text):
    assert not file.exists(), f"{file} is there already"
    file.write_text(text, "utf-8")
    return file


def run(command, directory):
    """What a command prints, with this Python and the copy of the project."""
    program, *arguments = command.split()
    assert program == "python", command
    environment = {**os.environ, "PYTHONPATH": str(directory)}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=directory, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout
