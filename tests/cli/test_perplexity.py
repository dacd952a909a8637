"""perplexity measures both kinds of models."""

import json

import numpy as np
import pytest

TEXT = "Alice was beginning to get very tired of sitting by her sister on the bank. " * 4


@pytest.fixture
def text(tmp_path):
    (tmp_path / "text.txt").write_text(TEXT)
    return "text.txt"


def test_float_and_integer(run_cli, text, glassllm_acc):
    exact = json.loads(run_cli("perplexity", "glassllm", text, "--tokens", 60, "--json").stdout)
    packed = json.loads(run_cli("perplexity", glassllm_acc, text, "--tokens", 60, "--json").stdout)
    assert set(exact) == {"perplexity", "tokens", "seconds"} and exact["tokens"] == packed["tokens"] == 60
    # It is the text the model was trained on: far better than guessing among 1,024 tokens, worse when packed.
    assert 1 < exact["perplexity"] < packed["perplexity"] < 300


def test_all_of_a_short_text(run_cli, text):
    from golden.llm import models

    report = json.loads(run_cli("perplexity", "glassllm", text, "--json").stdout)
    assert report["tokens"] == len(models.load("glassllm").tokenizer.encode(TEXT))
    assert np.isfinite(report["perplexity"])


def test_stream(run_cli, text, glassllm_acc):
    arguments = ("perplexity", glassllm_acc, text, "--stream", 30, "--window", 12)
    report = json.loads(run_cli(*arguments, "--json").stdout)
    assert set(report) == {"perplexity", "tokens", "seconds", "parts"}
    assert len(report["parts"]) == -(-(report["tokens"] - 1) // 30) > 2
    lines = run_cli(*arguments).stdout.splitlines()
    assert [line.split(":")[0] for line in lines[1:]] == [f"from token {30 * i}" for i in range(len(report["parts"]))]
    assert float(lines[1].split(":")[1]) == pytest.approx(report["parts"][0], abs=1e-3)


@pytest.mark.parametrize(
    "content, message",
    [(b"\xff\xfe\x00", "text.txt: not a text in UTF-8"), (b"", "at least two tokens"), (None, "cannot read text.txt")],
)
def test_bad_texts(refused, tmp_path, content, message):
    if content is not None:
        (tmp_path / "text.txt").write_bytes(content)
    assert message in refused("perplexity", "glassllm", "text.txt")


def test_bad_model(refused, text):
    assert "absent.acc" in refused("perplexity", "absent.acc", text)
