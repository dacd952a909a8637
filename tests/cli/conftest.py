"""The real command line, in a process of its own."""

import dataclasses
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from golden.llm import container
from golden.llm.models.tokenizer import TextRules

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def run_cli(tmp_path):
    """``run_cli("run-op", "in.npz")`` runs in ``tmp_path`` and returns the finished process with stdout and stderr."""

    def run(*arguments, timeout=300, **kwargs):
        return subprocess.run(
            [sys.executable, "-m", "myhdl_acc", *map(str, arguments)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=timeout,
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


@pytest.fixture(scope="session")
def glassllm_acc(tmp_path_factory):
    """The embedded model, compressed by the command line."""
    directory = tmp_path_factory.mktemp("glassllm")
    command = [sys.executable, "-m", "myhdl_acc", "compress", "glassllm", "-o", "glassllm.acc", "--method", "nearest"]
    subprocess.run(command, cwd=directory, check=True, capture_output=True, timeout=300)
    return directory / "glassllm.acc"


TEMPLATE = """{% for message in messages %}{{ message.role }}: {{ message.content | trim }}
{% endfor %}model:"""


@pytest.fixture(scope="session")
def with_rules(glassllm_acc, tmp_path_factory):
    """``with_rules(end=(7,))``: the embedded model with other TextRules, with a chat template unless told otherwise."""

    def make(**rules):
        model = container.load(glassllm_acc)
        tokenizer = model.tokenizer.with_rules(TextRules(**{"template": TEMPLATE} | rules))
        path = tmp_path_factory.mktemp("rules") / "rules.acc"
        container.save(dataclasses.replace(model, tokenizer=tokenizer), path)
        return path

    return make


ENDS = {signal.SIGINT: (130, "interrupted"), signal.SIGTERM: (143, "terminated")}


def _hears(pid):
    """Whether a process handles SIGTERM, as the command line does before all else."""
    caught = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("SigCgt"))
    return int(caught.split()[1], 16) >> signal.SIGTERM - 1 & 1


@pytest.fixture
def interrupted(tmp_path):
    """Starts a command, sends it SIGINT or ``sent`` in the middle (with ``after_output`` once it has printed something,
    otherwise soon after it has begun to listen) and asserts that it ends, with the right exit code and one line."""

    def run(*arguments, after_output=False, sent=signal.SIGINT):
        process = subprocess.Popen(
            [sys.executable, "-m", "myhdl_acc", *map(str, arguments)],
            cwd=tmp_path,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # A background process of a shell without job control inherits an ignored SIGINT.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        try:
            if after_output:
                process.stdout.read(1)
            else:
                while process.poll() is None and not _hears(process.pid):
                    time.sleep(0.1)
                time.sleep(2)
            assert process.poll() is None, process.stderr.read()
            process.send_signal(sent)
            _, stderr = process.communicate(timeout=300)
        finally:
            process.kill()
        code, word = ENDS[sent]
        assert process.returncode == code and stderr == f"myhdl-acc: {word}\n"

    return run
