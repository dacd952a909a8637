import importlib.util
import os

import pytest

from golden.errors import InputError
from golden.llm.models import NAMES, load, outline


def test_names():
    assert NAMES == ("glassllm", "smollm2")
    assert load("glassllm").spec.name == "glassllm"


@pytest.mark.parametrize("name", NAMES)
def test_missing_package_names_the_command(monkeypatch, name):
    monkeypatch.setattr(importlib.util, "find_spec", lambda package: None)
    with pytest.raises(InputError, match=f"{name}: its package is not installed; run: pip install"):
        load(name)


def test_other_names(tmp_path):
    for wrong in ("gpt5", "", str(tmp_path), tmp_path / "x.onnx"):
        with pytest.raises(InputError, match="not a model"):
            load(wrong)
    with pytest.raises(InputError, match="no such file"):
        load(tmp_path / "x.gguf")
    with pytest.raises(InputError, match="not a model"):
        load(tmp_path / "x.acc")
    (tmp_path / "dir.npz").mkdir()
    with pytest.raises(InputError, match="no such file"):
        load(tmp_path / "dir.npz")


def test_what_is_compressed_already(tmp_path):
    (tmp_path / "x.acc").write_bytes(b"")
    for model in ("austen", tmp_path / "x.acc"):
        with pytest.raises(InputError, match=f"{model}: compressed already; .*compress takes what it was made from$"):
            load(model)


def test_a_file_of_a_directory(monkeypatch, tmp_path):
    """The directory is the model; a file of it says so, as the user wrote it."""
    monkeypatch.chdir(tmp_path)
    os.mkdir("model")
    for name in ("config.json", "model.safetensors", "tokenizer.json"):
        (tmp_path / "model" / name).write_text("{}")
        for read in (load, outline):
            with pytest.raises(InputError, match=f"model/{name}: a part of a model; give its directory, model$"):
                read(f"model/{name}")
    monkeypatch.chdir("model")
    with pytest.raises(InputError, match=r"^model.safetensors: a part of a model; give its directory, \.$"):
        load("model.safetensors")
    os.remove("config.json")
    with pytest.raises(InputError, match=r"model.safetensors: not a model"):
        load("model.safetensors")
