"""Ctrl-C ends a command at once, with one line and nothing half-written; so does SIGTERM."""

import os
import signal

import pytest


def test_generate(interrupted, glassllm_acc):
    interrupted("generate", glassllm_acc, "Alice", "-n", 100_000, after_output=True)


@pytest.mark.parametrize("existing, sent", [(False, signal.SIGINT), (True, signal.SIGINT), (True, signal.SIGTERM)])
def test_compress_leaves_what_was_there(interrupted, tmp_path, tmp_path_factory, monkeypatch, existing, sent):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
    if existing:
        (tmp_path / "out.acc").write_text("mine")
    interrupted("compress", "smollm2", "-o", "out.acc", sent=sent)
    assert os.listdir(tmp_path) == (["out.acc"] if existing else [])
    assert not existing or (tmp_path / "out.acc").read_text() == "mine"
