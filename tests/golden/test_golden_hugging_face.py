"""Hugging Face directories beyond what tests/oracle compares: types, shards, and everything that is refused."""

import json
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

from golden.errors import InputError
from golden.llm.models import files, load
from golden.llm.models.safetensors_file import SafetensorsFile
from tests.oracle import tiny_models
from tests.oracle.tiny_exports import write_safetensors

_LLAMA3 = {
    "rope_type": "llama3",
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 32,
}


@pytest.fixture
def directory(tmp_path):
    return tiny_models.write_directory("llama", tmp_path / "model")


def read_all(path):
    model = load(path)
    return {name: model.tensor(name) for name in model.spec.tensors}


def change(directory, file="config.json", **values):
    """Change entries of a JSON file; None takes one out."""
    path = directory / file
    config = json.loads(path.read_text()) | values
    path.write_text(json.dumps({key: value for key, value in config.items() if value is not None}))


def bfloat16(array):
    """``array`` as bfloat16, which numpy lacks: uint16 with the bits, and the values that they stand for."""
    bits = (array.view(np.uint32) >> 16).astype(np.uint16)
    return bits, (bits.astype(np.uint32) << 16).view(np.float32)


@pytest.mark.parametrize("kind", ["F64", "F16", "BF16"])
def test_types(directory, kind):
    whole = load_file(directory / "model.safetensors")
    dtypes = {"F64": np.float64, "F16": np.float16}
    stored = {}
    for name, array in whole.items():
        stored[name] = kind, bfloat16(array)[0] if kind == "BF16" else array.astype(dtypes[kind])
    write_safetensors(directory / "model.safetensors", stored)
    name = "model.layers.1.mlp.down_proj.weight"
    expected = bfloat16(whole[name])[1] if kind == "BF16" else whole[name].astype(dtypes[kind])
    assert (load(directory).tensor("layers.1.ffn_down") == expected.astype(np.float32)).all()


def shard(directory):
    whole = load_file(directory / "model.safetensors")
    (directory / "model.safetensors").unlink()
    names = [f"model-{number + 1:05d}-of-00002.safetensors" for number in range(2)]
    where = {tensor: names[index % 2] for index, tensor in enumerate(whole)}
    for name in names:
        save_file({tensor: whole[tensor] for tensor in whole if where[tensor] == name}, directory / name)
    (directory / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": where}))
    return where


def test_shards(directory):
    whole = read_all(directory)
    shard(directory)
    assert all((found == whole[name]).all() for name, found in read_all(directory).items())
    assert len(files(directory)) == 5


def test_missing_shard(directory):
    shard(directory)
    (directory / "model-00002-of-00002.safetensors").unlink()
    with pytest.raises(InputError, match=r"model-00002-of-00002.safetensors: this file of the model is missing"):
        load(directory)


@pytest.mark.parametrize(
    ("weight_map", "message"),
    [
        (None, "weight_map must say"),
        ({"x": 3}, "weight_map must say"),
        ({"x": "../model.safetensors"}, "is not the name of a safetensors file beside it"),
        ({"x": "config.json"}, "is not the name of a safetensors file beside it"),
        ({"x": "model.safetensors"}, "tensor x, which model.safetensors.index.json expects there, is missing"),
    ],
)
def test_wrong_index(directory, weight_map, message):
    (directory / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}))
    with pytest.raises(InputError, match=message):
        load(directory)


def test_without_weights(directory):
    (directory / "model.safetensors").rename(directory / "pytorch_model.bin")
    with pytest.raises(InputError, match=r"there is no \*.safetensors in it"):
        load(directory)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"model_type": "gpt2"}, "architecture 'gpt2' is not supported; llama, mistral, "),
        ({"model_type": None}, "architecture None is not supported"),
        ({"hidden_size": None}, "config.json: hidden_size is missing"),
        ({"hidden_size": "96"}, "hidden_size must be a whole number, not '96'"),
        ({"num_attention_heads": 0}, "num_attention_heads must be positive"),
        ({"num_hidden_layers": 4}, "model.layers.3.self_attn.q_proj.weight is missing"),
        ({"num_hidden_layers": 2}, "tensor model.layers.2.input_layernorm.weight is not part of a model"),
        ({"hidden_act": "gelu"}, "hidden_act = 'gelu' is not understood"),
        ({"mlp_bias": True}, "mlp_bias = True is not understood"),
        ({"vocab_size": 330}, "vocab_size = 330 is not understood"),
        ({"logit_soft_cap": 30.0}, "logit_soft_cap = 30.0 is not understood, and might change the result"),
        ({"rope_parameters": {"rope_type": "dynamic", "factor": 2.0}}, "rope_parameters.rope_type = 'dynamic'"),
        ({"rope_parameters": {"rope_type": "linear"}}, "rope_parameters.factor is missing"),
        (
            {"rope_parameters": {"rope_type": "linear", "factor": 2.0, "x": 1}},
            "rope_parameters.x = 1 is not understood",
        ),
        (
            {"rope_parameters": {"rope_type": "longrope", "short_factor": [1], "long_factor": [1]}},
            "16 positive numbers",
        ),
        ({"rope_parameters": [1]}, "rope_scaling and rope_parameters must be objects"),
        ({"rope_parameters": None, "rope_scaling": {"type": ["yarn"]}}, "rope_type must be text"),
        ({"rope_parameters": {"factor": 4.0}}, "rope_parameters.factor = 4.0 is not understood"),
        (
            {"rope_scaling": {"rope_type": "linear", "factor": 2.0}},
            "rope_scaling and rope_parameters are two different",
        ),
        (
            {"rope_parameters": _LLAMA3, "original_max_position_embeddings": 64},
            "original_max_position_embeddings is 64, and another",
        ),
        ({"sliding_window": 8}, "sliding_window = 8 is not understood"),
        ({"partial_rotary_factor": 0.5}, "partial_rotary_factor = 0.5 is not understood"),
        ({"rope_interleaved": True}, "rope_interleaved = True is not understood"),
        ({"tie_word_embeddings": True}, "but lm_head.weight differs"),
        ({"rope_theta": -1.0, "rope_parameters": None}, "rope_theta must be from 1 to 1e12"),
        ({"tie_word_embeddings": "no"}, "tie_word_embeddings must be true or false"),
        ({"head_dim": 48}, "q_proj.weight is .128, 96., it should be .192, 96."),
    ],
)
def test_refused_constants(directory, values, message):
    change(directory, **values)
    with pytest.raises(InputError, match=message):
        load(directory)


@pytest.mark.parametrize(
    ("variant", "values", "message"),
    [
        (
            "mistral",
            {"sliding_window": 8, "layer_types": ["sliding_attention"] * 2 + ["full_attention"]},
            "layer_types = ",
        ),
        ("phi3", {"partial_rotary_factor": 0.01}, "RoPE turns 0 elements"),
        ("qwen2", {"model_type": "llama"}, "attention_bias is not true, but queries, keys and values have biases"),
        # whose layers without RoPE alone have the window
        ("smollm3", {"use_sliding_window": True, "sliding_window": 8}, "sliding_window = 8 is not understood"),
    ],
)
def test_refused_constants_of_families(tmp_path, variant, values, message):
    directory = tiny_models.write_directory(variant, tmp_path / "model")
    change(directory, **values)
    with pytest.raises(InputError, match=message):
        load(directory)


def test_what_config_lacks_is_as_in_transformers(tmp_path):
    def spec(variant, *lacking, **values):
        directory = tiny_models.write_directory(variant, tmp_path / variant)
        change(directory, **dict.fromkeys(lacking), **values)
        return load(directory).spec

    assert spec("smollm3", "rope_parameters").rope_base == 2e6
    assert spec("llama", "rope_parameters").rope_base == 1e4
    assert spec("mistral").window == 4096
    assert spec("qwen2", use_sliding_window=True, sliding_window=8).window is None  # layers from 28 on have it


def test_constants_that_change_nothing(directory, tmp_path):
    plain = load(directory).spec
    change(directory, is_llama_config=True, rope_interleaved=False, attention_bias=False)  # SmolLM2
    assert load(directory).spec == plain
    phi = tiny_models.write_directory("phi3", tmp_path / "phi")
    plain = load(phi).spec
    change(phi, full_attn_mod=1, interpolate_factor=1, lm_head_bias=False, mlp_bias=False)  # Phi-4-mini
    assert load(phi).spec == plain


def test_head_beside_the_embedding(directory):
    whole = load_file(directory / "model.safetensors")
    change(directory, tie_word_embeddings=True)
    save_file(whole | {"lm_head.weight": whole["model.embed_tokens.weight"].copy()}, directory / "model.safetensors")
    assert load(directory).spec.tied


def test_older_names_of_rope(directory):
    change(directory, rope_parameters=_LLAMA3 | {"rope_theta": 5e5})
    new = load(directory).spec
    old = {"type" if key == "rope_type" else key: value for key, value in _LLAMA3.items()}
    change(directory, rope_parameters=None, rope_scaling=old, rope_theta=5e5)
    assert load(directory).spec == new


def test_tensors_that_are_unknown_or_twice(directory):
    whole = load_file(directory / "model.safetensors")
    path = directory / "model.safetensors"
    save_file(whole | {"model.layers.0.self_attn.o_proj.bias": np.zeros(96, np.float32)}, path)
    with pytest.raises(InputError, match=r"self_attn.o_proj.bias is not part of a model of the family llama"):
        load(directory)
    save_file(whole | {"model.layers.0.self_attn.rotary_emb.inv_freq": np.zeros(16, np.float32)}, path)
    load(directory)
    write_safetensors(path, {"lm_head.weight": ("I8", np.zeros((331, 96), np.int8))})
    with pytest.raises(InputError, match=r"lm_head.weight is I8; F64, F32, F16, BF16 are supported"):
        load(directory)


@pytest.mark.parametrize("content", ["", "{", "[]", "3", "[" * 100000, '{"model_type": ["llama"]}', "\x00"])
def test_hostile_config(directory, content):
    (directory / "config.json").write_text(content)
    with pytest.raises(InputError, match=r"config.json"):
        load(directory)


def test_unaligned_tensor(tmp_path):
    header = json.dumps({"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}).encode()
    header += b" " * (5 - len(header) % 4)
    (tmp_path / "x.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + bytes(8))
    with pytest.raises(InputError, match="tensor x begins at byte"):
        SafetensorsFile(tmp_path / "x.safetensors")


@pytest.mark.parametrize(
    "entry",
    [
        {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]},
        {"dtype": "F32", "shape": [1 << 62], "data_offsets": [0, 8]},
        {"dtype": "F4", "shape": [2], "data_offsets": [0, 8]},
    ],
)
def test_offsets_that_are_wrong(tmp_path, entry):
    header = json.dumps({"x": entry}).encode()
    (tmp_path / "x.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + bytes(8))
    with pytest.raises(InputError, match=r"x.safetensors"):
        SafetensorsFile(tmp_path / "x.safetensors")


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return tiny_models.write_directory("qwen2", tmp_path_factory.mktemp("fuzz") / "model")


@settings(deadline=None, max_examples=120)
@given(st.data())
def test_mutated_files(load_or_refuse, good, data):
    name = data.draw(st.sampled_from(["config.json", "model.safetensors", "tokenizer.json"]))
    whole = (good / name).read_bytes()
    damaged = bytearray(whole)
    end = min(len(whole), 8192) - 1  # the header; behind it there are only weights
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, end))] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        damaged = damaged[: data.draw(st.integers(0, len(damaged)))]
    try:
        load_or_refuse(lambda path: read_all(good), bytes(damaged), good / name)
    finally:
        (good / name).write_bytes(whole)
