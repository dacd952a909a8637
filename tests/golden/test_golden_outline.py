"""outline() says what load() would, of any family, without weights, and without tensors where there are none."""

import json
import os

import numpy as np
import pytest

from golden.errors import InputError
from golden.llm import container, models
from golden.llm.compress import compress
from golden.llm.models import embedded
from tests.oracle import tiny_models


@pytest.mark.parametrize("name", tiny_models.VARIANTS)
def test_config_alone_says_as_much_as_tensors(tmp_path, name):
    directory = tiny_models.write_directory(name, tmp_path / "model")
    spec, outline = models.load(directory).spec, models.outline(directory)
    assert outline.spec == spec and outline.spec.family == tiny_models.VARIANTS[name]["model_type"]
    assert outline.head_dim == (tiny_models.VARIANTS[name]["head_dim"] or tiny_models.HEAD_DIM)
    assert outline.types == {"F32": sum(array.nbytes for array in tiny_models.tensors(name).values())}
    for file in ("model.safetensors", "tokenizer.json"):
        (directory / file).unlink()
    alone = models.outline(directory)
    assert alone.spec == spec and alone.types == {} and alone.head_dim == outline.head_dim


@pytest.mark.parametrize("name", ["qwen2", "smollm3", "phi3-long"])
def test_gguf(tmp_path, name):
    path = tiny_models.write_gguf(name, tmp_path / "x.gguf")
    outline = models.outline(path)
    assert outline.spec == models.load(path).spec and outline.head_dim == tiny_models.HEAD_DIM
    assert outline.types.keys() == {"F32"} and outline.types["F32"] >= 4 * outline.spec.parameters


def test_smollm3_is_tied_unless_config_says_otherwise(tmp_path):
    directory = tiny_models.write_directory("smollm3", tmp_path / "model")
    (directory / "model.safetensors").unlink()
    config = json.loads((directory / "config.json").read_text())
    del config["tie_word_embeddings"]
    (directory / "config.json").write_text(json.dumps(config))
    assert models.outline(directory).spec.tied
    (directory / "config.json").write_text(json.dumps(config | {"tie_word_embeddings": False}))
    assert not models.outline(directory).spec.tied


@pytest.mark.parametrize("stated", [False, True])
def test_qwen2_has_biases_whatever_config_says(tmp_path, stated):
    """As in `transformers`, whose Qwen2 knows no such constant."""
    directory = tiny_models.write_directory("qwen2", tmp_path / "model")
    config = json.loads((directory / "config.json").read_text())
    (directory / "config.json").write_text(json.dumps(config | {"attention_bias": stated}))
    spec = models.load(directory).spec
    (directory / "model.safetensors").unlink()
    assert models.outline(directory).spec == spec and spec.biased


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"vocab_size": None}, "vocab_size is missing"),
        ({"vocab_size": 0}, "vocab_size must be positive"),
        ({"attention_bias": True}, "attention_bias = True is not understood"),
        ({"model_type": "gemma"}, "architecture 'gemma' is not supported"),
        ({"new_key": 1}, "new_key = 1 is not understood"),
        ({"hidden_size": 1 << 20, "head_dim": 32}, "/model: dim must be an integer from 1 to"),
    ],
)
def test_config_alone_is_refused_as_ever(tmp_path, changes, message):
    directory = tiny_models.write_directory("llama", tmp_path / "model")
    (directory / "model.safetensors").unlink()
    path = directory / "config.json"
    config = json.loads(path.read_text()) | changes
    path.write_text(json.dumps({key: value for key, value in config.items() if value is not None}))
    with pytest.raises(InputError, match=message):
        models.outline(directory)


def test_load_still_needs_tensors(tmp_path):
    directory = tiny_models.write_directory("llama", tmp_path / "model")
    os.remove(directory / "model.safetensors")
    with pytest.raises(InputError, match=r"there is no \*.safetensors in it"):
        models.load(directory)


def test_names():
    glassllm, austen = models.outline("glassllm"), models.outline("austen")
    assert glassllm.spec == models.load("glassllm").spec and glassllm.spec.family == "llama"
    assert sum(glassllm.types.values()) == 2 * glassllm.spec.parameters  # float16
    model = embedded.load("austen")
    assert austen.spec == model.spec and sum(austen.types.values()) == model.weight_bytes
    assert austen.kinds == {name: matrix.packed.kind for name, matrix in model.matrices.items()}


def test_compressed_file_without_its_tensors(tmp_path):
    directory = tiny_models.write_directory("llama", tmp_path / "model")
    container.save(compress(models.load(directory), "w4", method="nearest"), tmp_path / "x.acc")
    outline = models.outline(tmp_path / "x.acc")
    (tmp_path / "copy.ACC").write_bytes((tmp_path / "x.acc").read_bytes())
    assert models.outline(tmp_path / "copy.ACC") == outline
    content = np.fromfile(tmp_path / "x.acc", np.uint8)
    start = 8 + int(content[:8].view("<u8")[0])
    content[start:] = 255  # no legal codes any more
    content.tofile(tmp_path / "x.acc")
    assert models.outline(tmp_path / "x.acc") == outline and set(outline.kinds.values()) == {"w4", "w8"}


@pytest.mark.parametrize("name", ["nope", "nope.acc", "nope.gguf"])
def test_unknown(name):
    with pytest.raises(InputError, match=name):
        models.outline(name)
