"""Results in the cache: made once for the same parts, and again when a source file that they depend on changes."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from golden.errors import InputError
from myhdl_acc.simulate import kept
from myhdl_acc.simulate.kept import keep, sources

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "myhdl_acc"


def test_sources_are_all_files_but_the_training():
    names = sources("golden")[::2]
    assert {"golden/decoder.py", "golden/units/rope.py", "golden/llm/compress/compress.py"} <= set(names)
    assert names == sorted(names) and not [name for name in names if name.startswith("golden/llm/train")]
    assert sources("golden")[names.index("golden/decoder.py") * 2 + 1] == (ROOT / "golden/decoder.py").read_text()


def test_nothing_that_is_kept_imports_the_training():
    files = [file for package in ("golden", "myhdl_acc") for file in (ROOT / package).rglob("*.py")]
    importing = [f for f in files if re.search(r"^\s*(from|import) golden\.llm(\.| import )train", f.read_text(), re.M)]
    assert importing and {file.parent.name for file in importing} == {"train"}


def test_a_change_of_a_source_makes_it_again(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "_ROOT", tmp_path)
    monkeypatch.setattr(kept, "_TRAINING", tmp_path / "golden" / "train")
    file, training = tmp_path / "golden" / "decoder.py", tmp_path / "golden" / "train" / "model.py"
    training.parent.mkdir(parents=True)
    calls = []

    def get():
        def make(directory):
            calls.append(len(calls))
            (directory / "result").write_text(str(calls[-1]))

        return (keep("number", ["a", *sources("golden")], make) / "result").read_text()

    file.write_text("1")
    training.write_text("1")
    assert get() == get() == "0"
    training.write_text("2")
    assert get() == "0"
    file.write_text("2")
    assert get() == "1"


def test_nothing_is_left_of_a_failure(cache):
    def fail(directory):
        (directory / "half").write_text("")
        raise InputError("no")

    with pytest.raises(InputError, match=r"^no$"):
        keep("number", ["a"], fail)
    assert list(cache.iterdir()) == []
    assert keep("number", ["a"], lambda directory: None).parent == cache


def test_without_a_cache_the_work_is_done_all_the_same(cache, capsys):
    cache.parent.write_text("")
    made = [keep("number", ["a"], lambda directory: (directory / "result").write_text("1")) for _ in range(2)]
    assert made[0] == made[1] and (made[0] / "result").read_text() == "1"
    error = capsys.readouterr().err
    assert re.fullmatch(r"myhdl-acc: nothing is kept between runs: cannot write to .*; set XDG_CACHE_HOME\n", error)


def test_the_directory_without_a_cache_lasts_as_long_as_the_process(tmp_path):
    code = 'from myhdl_acc.simulate.kept import keep; print(keep("number", ["a"], lambda directory: None))'
    environment = {"XDG_CACHE_HOME": "/dev/null/none", "TMPDIR": str(tmp_path)}
    process = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert process.stdout.startswith(str(tmp_path)) and process.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_no_home(monkeypatch):
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr("os.path.expanduser", lambda path: path)  # as for a user without HOME and passwd entry
    with pytest.raises(InputError, match="there is no home directory for a cache; set XDG_CACHE_HOME"):
        kept.cache_directory()


def test_what_a_killed_process_left_is_removed(cache):
    """It is killed in the middle of a build; meanwhile nobody touches its directory, afterwards it goes."""
    code = """
from myhdl_acc.simulate.kept import keep
import time
def make(directory):
    (directory / "half").write_text("")
    print("begun", flush=True)
    time.sleep(600)
keep("number", ["a"], make)
"""
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE)
    try:
        process.stdout.readline()
        keep("number", ["b"], lambda directory: None)
        assert [path.name for path in cache.glob(".build-*/*")] == ["half"]
    finally:
        process.kill()
        process.wait()
    made = keep("number", ["a"], lambda directory: (directory / "whole").write_text(""))
    assert [path.name for path in made.iterdir()] == ["whole"]
    assert not list(cache.glob(".build-*"))
