"""The real command line, in a process of its own."""

import subprocess
import sys

import pytest


@pytest.fixture
def run_cli(tmp_path):
    """``run_cli("run-op", "in.npz")`` runs in ``tmp_path`` and returns the finished process with stdout and stderr."""

    def run(*arguments, **kwargs):
        return subprocess.run(
            [sys.executable, "-m", "myhdl_acc", *map(str, arguments)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            **kwargs,
        )

    return run


@pytest.fixture
def refused(run_cli, tmp_path):
    """Asserts that a command ends with exit code 2 and one line on stderr, and leaves no new file; returns the line."""

    def run(*arguments, **kwargs):
        before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
        process = run_cli(*arguments, **kwargs)
        lines = process.stderr.splitlines()
        assert process.returncode == 2, process.stderr
        assert len(lines) == 1 and lines[0].startswith("myhdl-acc: "), process.stderr
        assert process.stdout == ""
        assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
        return lines[0]

    return run
