"""Errors become one line and an exit code, whatever the command."""

import os
import subprocess
import sys

import click
import pytest

from golden.errors import InputError
from myhdl_acc.cli import main as main_module
from myhdl_acc.cli.main import COMMANDS, main


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"]])
def test_help_lists_every_command(run_cli, arguments):
    process = run_cli(*arguments)
    assert process.returncode == 0 and process.stderr == ""
    assert all(f"\n  {name} " in process.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(capsys, name):
    assert main([name, "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"Usage: myhdl-acc {name} ")


def test_version(run_cli):
    assert run_cli("--version").stdout.startswith("myhdl-acc, version ")


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["nonsense"], "No such command 'nonsense'"),
        (["run-op"], "Missing argument 'IN.npz'"),
        (["run-op", "x.npz"], "Missing option '-o'"),
        (["run-op", "x.npz", "-o", "y.npz", "--backend", "vivado"], "'vivado' is not one of"),
        (
            ["run-op", "x.npz", "-o", "y.npz", "--config", "huge"],
            "'huge' is neither a preset (tiny, demo, u280, ecp5)",
        ),
        (["--nonsense"], "No such option '--nonsense'"),
    ],
)
def test_usage_errors(refused, arguments, message):
    assert message in refused(*arguments)


@pytest.fixture
def failing(monkeypatch):
    """main() with a command that raises a given exception; returns its exit code."""

    def run(exception):
        @click.command("fail")
        def command():
            raise exception

        monkeypatch.setattr(main_module.Commands, "get_command", lambda self, ctx, name: command)
        return main(["fail"])

    return run


@pytest.mark.parametrize(
    "exception, code, line",
    [
        (InputError("two\nlines"), 2, "myhdl-acc: two lines"),
        (MemoryError(), 2, "myhdl-acc: not enough memory"),
        (KeyboardInterrupt(), 130, "myhdl-acc: interrupted"),
    ],
)
def test_exit_codes(failing, capsys, exception, code, line):
    assert failing(exception) == code
    assert capsys.readouterr().err == line + "\n"


def test_hardware_errors_are_no_input_errors(failing, capsys):
    from myhdl_acc.simulate.stimulus import DeadlockError

    assert failing(DeadlockError("nothing moved")) == 1
    assert capsys.readouterr().err == "myhdl-acc: nothing moved\n"


def test_a_bug_keeps_its_traceback(failing):
    with pytest.raises(ZeroDivisionError):
        failing(ZeroDivisionError())


def test_a_reader_that_goes_away_gets_no_complaint():
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.run(
        [sys.executable, "-m", "myhdl_acc", "--help"], stdout=writing, stderr=subprocess.PIPE, text=True, timeout=60
    )
    os.close(writing)
    assert process.stderr == "" and process.returncode == 1


@pytest.mark.parametrize("arguments", [["--help"], ["run-op", "absent.npz", "-o", "out.npz", "--json"]])
def test_a_full_or_closed_output_gets_one_line(arguments):
    command = [sys.executable, "-m", "myhdl_acc", *arguments]
    with open("/dev/full", "w") as full:
        process = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert process.returncode == 2 and len(process.stderr.splitlines()) == 1, process.stderr
    process = subprocess.run(
        ["bash", "-c", '"$@" >&-', "bash", *command], stderr=subprocess.PIPE, text=True, timeout=60
    )
    assert "Traceback" not in process.stderr and process.returncode == (0 if arguments == ["--help"] else 2)


def test_a_terminal_that_lacks_a_character_gets_a_question_mark(run_cli, glassllm_acc):
    arguments = ["generate", glassllm_acc, "The Queen", "-n", 1]
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    process = run_cli(*arguments, env=environment)
    assert process.returncode == 0 and process.stdout == "?s\n", process.stderr
