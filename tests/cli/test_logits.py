"""logits writes what a model expects after each token."""

import json

import numpy as np
import pytest

from golden.decoder import Decoder
from golden.llm import container, models
from golden.llm.float_decoder import FloatDecoder

TOKENS = np.random.default_rng(0).integers(0, 1024, 140).tolist()  # longer than the context, more than two blocks
TEXT = " ".join(map(str, TOKENS))


def read(path):
    with np.load(path) as file:
        return {name: file[name] for name in file.files}


def test_integers(run_cli, tmp_path, glassllm_acc):
    process = run_cli("logits", glassllm_acc, "--tokens", TEXT, "-o", "out.npz", "--json")
    assert json.loads(process.stdout) == {"tokens": 140, "vocab": 1024, "backend": "golden", "output": "out.npz"}
    found = read(tmp_path / "out.npz")
    decoder = Decoder(container.load(glassllm_acc))
    expected = np.stack([decoder.step(token) for token in TOKENS])
    assert found["integers"].dtype == np.int32 and np.array_equal(found["integers"], expected)
    assert found["logits"].dtype == np.float32 and np.array_equal(found["logits"], (expected / 65536).astype("f4"))
    assert found["tokens"].tolist() == TOKENS


def test_floats_attend_to_everything(run_cli, tmp_path):
    (tmp_path / "tokens.txt").write_text(TEXT.replace(" ", ",\n"))
    run_cli("logits", "glassllm", "--tokens", "@tokens.txt", "-o", "out.npz")
    found = read(tmp_path / "out.npz")
    assert set(found) == {"tokens", "logits"} and found["logits"].dtype == np.float32
    expected = FloatDecoder(models.load("glassllm"), window=140).feed(TOKENS)
    assert found["logits"] == pytest.approx(expected, abs=1e-3)
    run_cli("logits", "glassllm", "--tokens", "@-", "-o", "short.npz", "--window", 3, "--sinks", 1, input=TEXT)
    expected = FloatDecoder(models.load("glassllm"), sinks=1, window=3).feed(TOKENS)
    assert read(tmp_path / "short.npz")["logits"] == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(
    "model, arguments, message",
    [
        ("glassllm", ("--tokens", "1 1024"), "token 1024 is outside the vocabulary of 1024"),
        ("glassllm", ("--tokens", "-1"), "token -1 is outside"),
        ("glassllm", ("--tokens", "1 two"), "not token numbers: '1 two'"),
        ("glassllm", ("--tokens", " "), "there are none"),
        ("glassllm", ("--tokens", "1,,2"), "not token numbers: '1,,2'"),
        ("glassllm", ("--tokens", "1 2,"), "not token numbers: '1 2,'"),
        ("glassllm", ("--tokens", "1_0"), "not token numbers: '1_0'"),
        ("glassllm", ("--tokens", "@absent.txt"), "cannot read absent.txt"),
        ("glassllm", ("--tokens", "1", "--backend", "verilator"), "a model in floats"),
        ("absent.acc", ("--tokens", "1"), "absent.acc"),
    ],
)
def test_refuses(refused, model, arguments, message):
    assert message in refused("logits", model, *arguments, "-o", "out.npz")


def test_refuses_more_than_memory_deserves(refused, tmp_path):
    (tmp_path / "tokens.txt").write_text("1 " * (1 << 21))
    assert "take 8192 MiB" in refused("logits", "glassllm", "--tokens", "@tokens.txt", "-o", "out.npz")


def test_refuses_a_place_that_cannot_be_written(refused):
    assert "missing/out.npz" in refused("logits", "glassllm", "--tokens", "1", "-o", "missing/out.npz")
