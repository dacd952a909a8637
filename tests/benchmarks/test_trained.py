"""The commands that make what is missing for the report, and no others."""

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.evaluation.trained import make_missing
from golden.errors import InputError


@pytest.fixture
def ran(monkeypatch):
    """What was run, each with the texts that it was given; a file is made as ``-o`` says."""
    commands = []

    def run(command, **options):
        assert command[0] == sys.executable
        texts = [Path(part).read_text("utf-8") for part in command if part.endswith(".txt")]
        commands.append(([part for part in command[1:] if not part.endswith(".txt")], texts))
        Path(command[command.index("-o") + 1]).write_text("made")
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)
    return commands


def test_trained_from_float(tiny, ran):
    make_missing(tiny)
    path = tiny.trained["w2"].path
    command = ["scripts/fine_tune.py", tiny.source, "-o", path, "--text", "--text", "--steps", "1"]
    assert ran == [(command, ["abab", "ba"])]
    make_missing(tiny)
    assert len(ran) == 1


def test_trained_from_a_compressed_model(tiny, ran):
    trained = dataclasses.replace(tiny.trained["w2"], start=("--weights", "w4"))
    make_missing(dataclasses.replace(tiny, trained={"w4": trained, "w2": "austen"}))
    start = trained.path.replace(".acc", "-start.acc")
    compress = ["-m", "myhdl_acc", "compress", tiny.source, "-o", start, "--calibration", "--weights", "w4"]
    tune = ["scripts/fine_tune.py", tiny.source, "-o", trained.path, "--start", start, "--text", "--text"]
    assert ran == [(compress, ["abab"]), ([*tune, "--steps", "1"], ["abab", "ba"])]
    Path(trained.path).unlink()
    make_missing(dataclasses.replace(tiny, trained={"w4": trained}))
    assert [command[0] for command, _ in ran[2:]] == ["scripts/fine_tune.py"]  # what it starts from is there


def test_a_source_of_our_own(tiny, ran, tmp_path):
    """First the float model; not if it is there."""
    made_by = ("scripts/train_embedded.py", "-o", str(tmp_path / "made"))
    for source, commands in ((tiny.source, []), ("build/absent.npz", [([*made_by], [])])):
        make_missing(dataclasses.replace(tiny, source=source, trained={}, made_by=made_by))
        assert ran == commands


def test_a_failure(tiny, monkeypatch):
    monkeypatch.setattr(subprocess, "run", lambda command, **options: subprocess.CompletedProcess(command, 1))
    with pytest.raises(InputError, match=r"^scripts/fine_tune\.py failed; what it said is above$"):
        make_missing(tiny)
