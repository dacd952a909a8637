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


def walk(text, directory, commands=True):
    """Do in ``directory`` what a page's ``text`` says; returns the files that it wrote or changed.

    A block of Python that begins with ``# file: NAME`` is that file, and one of diff changes it. One of sh holds
    ``commands``, and each line of a block of text is in what those before it printed. Raises AssertionError where that
    is not so, with all of it.
    """
    files, output = [], ""
    for kind, block in _BLOCK.findall(text):
        if kind in ("python", "diff"):
            first, _, rest = block.partition("\n")
            file = directory / first.removeprefix("# file: ")
            (write if kind == "python" else change)(file, rest)
            files.append(file)
        elif kind == "sh" and commands:
            output = "".join(run(command, directory) for command in block.splitlines())
        elif kind == "text" and commands:
            for line in block.splitlines():
                assert line in output, f"{line!r} is not in\n{output}"
    return files


def write(file, text):
    assert not file.exists(), f"{file} is there already"
    file.write_text(text, "utf-8")


def change(file, hunks):
    """Change a file by hunks of lines that are there once (`` `` and ``-``) or come in (``+``), with ``@@`` between."""
    text = file.read_text("utf-8")
    for hunk in hunks.split("@@\n"):
        lines = hunk.splitlines(keepends=True)
        old, new = ("".join(line[1:] or "\n" for line in lines if line[0] in kept) for kept in (" -\n", " +\n"))
        assert text.count(old) == 1, f"{text.count(old)} times in {file}:\n{old}"
        text = text.replace(old, new)
    file.write_text(text, "utf-8")


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
