"""A model and texts so small that a row of the accuracy report takes a moment."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))  # as the scripts of benchmarks/ do; it is no installed package

from benchmarks.evaluation.rows import Stream, Subject
from benchmarks.evaluation.trained import Trained

CONFIG = {"vocab_size": 8, "d_model": 32, "n_layers": 1, "n_heads": 2, "n_kv_heads": 1, "max_len": 16}
CONFIG |= {"rope_base": 10000.0, "eps": 1e-6}
SHAPES = {
    "E": (8, 32), "norm_f.gamma": (32,), "blocks.0.norm1.gamma": (32,), "blocks.0.norm2.gamma": (32,),
    "blocks.0.attn.W_Q": (32, 32), "blocks.0.attn.W_K": (32, 16), "blocks.0.attn.W_V": (32, 16),
    "blocks.0.attn.W_O": (32, 32), "blocks.0.ffn.W1": (32, 64), "blocks.0.ffn.W3": (32, 64),
    "blocks.0.ffn.W2": (64, 32),
}  # fmt: skip


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """An empty one for each test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory):
    """The path of an npz file: 32 columns wherever a format has blocks, so that nothing is padded."""
    path = tmp_path_factory.mktemp("tiny") / "tiny.npz"
    rng = np.random.default_rng(0)
    arrays = {name: rng.normal(size=shape).astype(np.float16) for name, shape in SHAPES.items()}
    np.savez_compressed(path, __config__=np.array(json.dumps(CONFIG)), **arrays)
    tokenizer = {"version": 1, "alphabet": ["a", "b", "▁"], "merges": [["a", "b"]]}
    path.with_suffix(".tokenizer.json").write_text(json.dumps(tokenizer), "utf-8")
    return path


@pytest.fixture
def texts():
    """``() → (calibration, held-out)``: a calibration text too short to calibrate with."""
    held_out = "".join(np.random.default_rng(1).choice(list("ab "), 300))
    return lambda: ("ab", held_out)


@pytest.fixture
def tiny(tiny_model, texts, tmp_path):
    """The subject of a report."""
    stream = Stream(texts, tokens=100, window=8, row="w8 nearest")
    trained = {"w2": Trained(str(tmp_path / "trained.acc"), lambda: ("abab", "ba"), ("--steps", "1"))}
    return Subject("tiny", str(tiny_model), texts, 40, 6, trained, ("w8 nearest", 1000), stream)
