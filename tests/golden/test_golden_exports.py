"""Quantised exports in Hugging Face directories, against the floats that they stand for; and malformed ones."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file

from golden.errors import InputError
from golden.llm.models import load
from golden.llm.models.exports import EXPORTS
from golden.llm.models.exports.fp8 import E4M3
from golden.llm.models.safetensors_file import SafetensorsFile
from tests.oracle import tiny_exports, tiny_models

DOWN = "model.layers.1.mlp.down_proj."


def read_all(path):
    model = load(path)
    return {name: model.tensor(name) for name in model.spec.tensors}


def change(directory, **values):
    """Change entries of quantization_config; None takes one out."""
    path = directory / "config.json"
    config = json.loads(path.read_text())
    changed = config["quantization_config"] | values
    config["quantization_config"] = {key: value for key, value in changed.items() if value is not None}
    path.write_text(json.dumps(config))


def rewrite(directory, tensors):
    """Change tensors {name: (type, array), or None to take it out}."""
    path = directory / "model.safetensors"
    file = SafetensorsFile(path)
    stored = {name: (kind, file.array(name).copy()) for name, kind in file.kinds.items()} | tensors
    tiny_exports.write_safetensors(path, {name: tensor for name, tensor in stored.items() if tensor is not None})


@pytest.mark.parametrize("variant", ["llama", "qwen2", "phi3"])
@pytest.mark.parametrize("kind", tiny_exports.KINDS)
def test_as_the_floats(kind, variant, tmp_path):
    floats = tiny_exports.write_export(kind, variant, tmp_path / "export")
    original = tiny_models.tensors(variant)
    for name, array in floats.items():
        assert np.corrcoef(array.ravel(), original[name].ravel())[0, 1] > 0.99
    tiny_models.write_directory(variant, tmp_path / "float")
    save_file(floats, tmp_path / "float" / "model.safetensors")
    expected, found = read_all(tmp_path / "float"), read_all(tmp_path / "export")
    assert expected.keys() == found.keys()
    for name, array in expected.items():
        assert (found[name] == array).all(), name


def test_e4m3():
    assert E4M3[[0x00, 0x01, 0x08, 0x38, 0x7E, 0xB8, 0xFE]].tolist() == [0, 2**-9, 2**-6, 1, 448, -1, -448]
    assert np.isnan(E4M3[[0x7F, 0xFF]]).all()
    assert (np.diff(E4M3[:127]) > 0).all()


@pytest.fixture
def export(tmp_path):
    """``export(kind)`` writes one and gives its directory."""

    def write(kind):
        tiny_exports.write_export(kind, "llama", tmp_path / kind)
        return tmp_path / kind

    return write


def test_what_is_stored_as_float_is_read_as_float(export):
    """Whatever the lists of exceptions say, of whole layers as well."""
    for kind in ("fp8-blocks", "ct-packed-4", "gptq-4", "awq"):
        directory = export(kind)
        plain = tiny_models.tensors("llama")[DOWN + "weight"]
        ends = ("weight_scale_inv", "weight_packed", "weight_scale", "weight_shape", "qweight", "qzeros", "scales")
        rewrite(directory, {DOWN + end: None for end in ends} | {DOWN + "weight": ("F32", plain)})
        assert (load(directory).tensor("layers.1.ffn_down") == plain).all()


@pytest.mark.parametrize("kind", ["ct-packed-4", "gptq-4", "awq"])
def test_a_matrix_that_is_there_twice_is_refused(export, kind):
    directory = export(kind)
    rewrite(directory, {DOWN + "weight": ("F32", tiny_models.tensors("llama")[DOWN + "weight"])})
    with pytest.raises(InputError, match=r"mlp.down_proj.weight is there as well as its quantised parts"):
        load(directory)


def test_settings_of_activations_and_cache_change_nothing(export):
    directory = export("fp8-tensor")
    expected = read_all(directory)
    rewrite(directory, {DOWN + "input_scale": ("F32", np.ones((), np.float32))})
    found = read_all(directory)
    assert all((found[name] == array).all() for name, array in expected.items())


def test_gptq_zeros_wrap(export):
    """The first version's stored 15 is the zero 0, as AutoGPTQ reads it."""
    directory = export("gptq-4")
    file = SafetensorsFile(directory / "model.safetensors")
    zeros = np.full_like(file.array(DOWN + "qzeros"), -1)
    codes = np.full_like(file.array(DOWN + "qweight"), 0x33333333)
    scales = np.full_like(file.array(DOWN + "scales"), 2)
    rewrite(
        directory, {DOWN + "qzeros": ("I32", zeros), DOWN + "qweight": ("I32", codes), DOWN + "scales": ("F16", scales)}
    )
    assert (load(directory).tensor("layers.1.ffn_down") == 6).all()


def zero_biases(variant, value=0):
    """Of all matrices, but those that have one."""
    weights = {name: array for name, array in tiny_models.tensors(variant).items() if name.endswith("proj.weight")}
    biases = {name.replace("weight", "bias"): np.full(len(array), value, np.float16) for name, array in weights.items()}
    return {name: ("F16", bias) for name, bias in biases.items() if name not in tiny_models.tensors(variant)}


def test_biases_of_zeros_are_none(tmp_path):
    for variant in ("llama", "qwen2"):
        tiny_exports.write_export("gptq-4", variant, tmp_path / variant)
        expected = read_all(tmp_path / variant)
        rewrite(tmp_path / variant, zero_biases(variant))
        found = read_all(tmp_path / variant)
        assert found.keys() == expected.keys()
        assert all((found[name] == array).all() for name, array in expected.items())


def test_other_biases_are_refused(export):
    directory = export("gptq-4")
    rewrite(directory, zero_biases("llama", 1))
    config = json.loads((directory / "config.json").read_text())
    (directory / "config.json").write_text(json.dumps(config | {"attention_bias": True}))
    with pytest.raises(InputError, match=r"mlp.down_proj.bias is not part of a model of the family llama"):
        load(directory)


def test_a_layer_whose_biases_are_zeros(tmp_path):
    tiny_exports.write_export("gptq-4", "qwen2", tmp_path)
    name = "model.layers.1.self_attn.k_proj.bias"
    rewrite(tmp_path, {name: ("F32", np.zeros_like(tiny_models.tensors("qwen2")[name]))})
    assert not load(tmp_path).tensor("layers.1.attn_k_bias").any()


def test_older_zero_points_are_not_packed(export):
    directory = export("ct-packed-4-zeros")
    expected = load(directory).tensor("layers.1.ffn_down")
    packed = SafetensorsFile(directory / "model.safetensors").array(DOWN + "weight_zero_point")
    nibbles = packed[:, None] >> np.arange(0, 32, 4)[:, None] & 15
    rewrite(directory, {DOWN + "weight_zero_point": ("I8", (nibbles.reshape(-1, packed.shape[1]) - 8).astype(np.int8))})
    assert (load(directory).tensor("layers.1.ffn_down") == expected).all()


@pytest.mark.parametrize("method", ["bitsandbytes", "quanto", "hqq", "aqlm", "mxfp4", "eetq", None, 3, ["fp8"]])
def test_other_methods_are_refused_by_name(export, method):
    directory = export("awq")
    change(directory, quant_method=method)
    with pytest.raises(InputError, match=r"quant_method = .* is not supported; fp8, compressed-tensors, gptq, awq are"):
        load(directory)
    assert str(method) in _refusal(directory)


def _refusal(directory):
    try:
        load(directory)
    except InputError as error:
        return str(error)


@pytest.mark.parametrize(
    ("kind", "values", "message"),
    [
        ("fp8-blocks", {"weight_block_size": [64]}, "quantization_config.weight_block_size = .64. is not understood"),
        ("fp8-blocks", {"weight_block_size": [64, 0]}, "weight_block_size = "),
        ("fp8-blocks", {"weight_block_size": "64"}, "weight_block_size must be a list"),
        ("fp8-blocks", {"weight_block_size": [32, 32]}, r"weight_scale_inv is F32 .*, it should be"),
        ("fp8-blocks", {"fmt": "e5m2"}, "fmt = 'e5m2' is not understood"),
        ("fp8-blocks", {"x": 1}, "quantization_config.x = 1 is not understood, and might change the result"),
        ("gptq-4", {"bits": None}, "quantization_config.bits is missing"),
        ("gptq-4", {"bits": 3}, "bits = 3 is not understood"),
        ("gptq-4", {"bits": 8}, "q_proj.scales is F16 .3, 128., it should be .2, 128."),
        ("gptq-4", {"group_size": 64}, "tensor model.layers.0.self_attn.q_proj.scales is F16"),
        ("gptq-4", {"group_size": 0}, "group_size = 0 is not understood"),
        ("gptq-4", {"checkpoint_format": "marlin"}, "checkpoint_format = 'marlin' is not understood"),
        ("gptq-4", {"is_marlin_format": True}, "is_marlin_format = True"),
        ("gptq-4", {"dynamic": {"+:.*": {"bits": 8}}}, "dynamic = "),
        ("gptq-4", {"adapter": {"path": "x"}}, "adapter = "),
        ("awq", {"version": "gemv"}, "version = 'gemv' is not understood"),
        ("awq", {"bits": 3}, "bits = 3"),
        ("awq", {"zero_point": False}, "zero_point = False"),
        ("awq", {"group_size": "32"}, "group_size must be a whole number"),
        ("ct-packed-4", {"format": "nvfp4-pack-quantized"}, "format = 'nvfp4-pack-quantized' is not understood"),
        ("ct-packed-4", {"transform_config": {"config_groups": {}}}, "transform_config = "),
        ("ct-packed-4", {"sparsity_config": {"format": "sparse-24-bitmask"}}, "sparsity_config.format = "),
        ("ct-packed-4", {"config_groups": {"W4A16": ["Linear"]}}, "config_groups.W4A16 must be an object"),
        ("ct-packed-4", {"config_groups": None}, "weight_scale is F16"),
        (
            "ct-packed-4",
            {"config_groups": {"a": {"weights": {"num_bits": 4, "group_size": 48}}}},
            "weight_scale is F16",
        ),
        ("ct-packed-4", {"config_groups": {"a": {"weights": {"strategy": "x"}}}}, "weights.strategy is 'x'"),
        ("ct-packed-4", {"config_groups": {"a": {"weights": {"strategy": "block"}}}}, "weights.strategy is 'block'"),
        ("ct-packed-4", {"config_groups": {"a": {"weights": {"x": 1}}}}, "config_groups.a.weights.x = 1"),
        ("ct-packed-4", {"config_groups": {"a": {"x": 1}}}, "config_groups.a.x = 1"),
    ],
)
def test_refused_settings(export, kind, values, message):
    directory = export(kind)
    change(directory, **values)
    with pytest.raises(InputError, match=message):
        load(directory)


@pytest.mark.parametrize(
    ("kind", "ending", "tensor", "message"),
    [
        ("fp8-blocks", "weight_scale_inv", None, "down_proj.weight_scale_inv is missing"),
        ("fp8-blocks", "weight_scale_inv", ("F32", np.ones((3, 3), np.float32)), r"weight_scale_inv is F32 \(3, 3\)"),
        (
            "fp8-blocks",
            "weight_scale_inv",
            ("I32", np.ones((2, 3), np.int32)),
            "it should be F64 or F32 or F16 or BF16",
        ),
        ("fp8-blocks", "weight", None, "down_proj.weight is missing"),
        ("fp8-blocks", "weight", ("F32", np.ones((96, 160), np.float32)), "is F32 .*, it should be F8_E4M3"),
        ("fp8-blocks", "weight", ("F8_E4M3", np.ones(96, np.uint8)), "it should be a matrix"),
        ("fp8-blocks", "weight", ("F8_E4M3", np.ones((0, 160), np.uint8)), "it should be a matrix"),
        ("fp8-blocks", "weight", ("F8_E4M3", np.full((96, 160), 0x7F, np.uint8)), "holds values that are not finite"),
        ("fp8-blocks", "weight", ("F8_E4M3", np.ones((95, 160), np.uint8)), "is .95, 160., it should be .96, 160."),
        ("ct-int-channel", "weight_scale", None, "weight_scale is missing"),
        ("ct-int-channel", "weight_scale", ("F32", np.ones((96, 2), np.float32)), "as one of config_groups says"),
        ("ct-int-groups", "weight_zero_point", ("I8", np.zeros((96, 4), np.int8)), r"it should be \(96, 5\)"),
        ("ct-packed-4", "weight_shape", None, "weight_shape is missing"),
        ("ct-packed-4", "weight_shape", ("I64", np.array([95, 160])), "weight_shape is I64"),
        ("ct-packed-4", "weight_shape", ("I64", np.array([96, 1 << 60])), "weight_scale is F16"),
        ("ct-packed-4", "weight_shape", ("I64", np.array([96, -1])), "weight_shape is I64"),
        ("ct-packed-4", "weight_packed", ("I32", np.zeros((96, 19), np.int32)), "weight_scale is F16"),
        ("ct-packed-4-zeros", "weight_zero_point", ("I32", np.zeros((10, 5), np.int32)), r"should be \(12, 5\)"),
        ("ct-packed-4-order", "weight_g_idx", ("I32", np.full(160, 5, np.int32)), "none of 5 groups"),
        ("gptq-4", "scales", None, "scales is missing"),
        ("gptq-4", "qzeros", ("I32", np.zeros((5, 11), np.int32)), r"it should be \(5, 12\)"),
        ("gptq-4", "qweight", ("F32", np.zeros((20, 96), np.float32)), "it should be I32"),
        ("gptq-4-order", "g_idx", ("I32", np.full(160, 5, np.int32)), "none of 5 groups"),
        ("gptq-4-order", "g_idx", ("I32", np.full(160, -1, np.int32)), "none of 5 groups"),
        ("gptq-4-order", "g_idx", ("I32", np.zeros(159, np.int32)), r"it should be \(160,\)"),
        ("awq", "qzeros", None, "qzeros is missing"),
        ("awq", "scales", ("F16", np.zeros((4, 96), np.float16)), r"it should be \(5, 96\)"),
    ],
)
def test_malformed_tensors(export, kind, ending, tensor, message):
    directory = export(kind)
    rewrite(directory, {DOWN + ending: tensor})
    with pytest.raises(InputError, match=message) as refusal:
        read_all(directory)
    assert "\n" not in str(refusal.value)


def test_quantised_tensors_without_settings(export):
    directory = export("gptq-4")
    path = directory / "config.json"
    config = json.loads(path.read_text())
    del config["quantization_config"]
    path.write_text(json.dumps(config))
    with pytest.raises(InputError, match=r"q_proj.weight is missing"):
        load(directory)
    path.write_text(json.dumps(config | {"quantization_config": [1]}))
    with pytest.raises(InputError, match="quantization_config must be an object"):
        load(directory)


def test_every_export_is_tested():
    assert {config["quant_method"] for config, _ in tiny_exports.KINDS.values()} == set(EXPORTS)


@pytest.fixture(scope="module", params=["fp8-blocks", "ct-packed-4-zeros", "gptq-4-order", "awq"])
def good(request, tmp_path_factory):
    directory = tmp_path_factory.mktemp("fuzz") / request.param
    tiny_exports.write_export(request.param, "llama", directory)
    return directory


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_mutated_files(load_or_refuse, good, data):
    """Bytes of the settings and of the header, and numbers of the tensors, are anything."""
    name = data.draw(st.sampled_from(["config.json", "model.safetensors"]))
    whole = (good / name).read_bytes()
    damaged = bytearray(whole)
    start = whole.index(b"quantization_config") if name == "config.json" else 0
    end = len(whole) - 1 if name == "config.json" or data.draw(st.booleans()) else 8192
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(start, end))] = data.draw(st.integers(0, 255))
    try:
        load_or_refuse(lambda path: read_all(good), bytes(damaged), good / name)
    finally:
        (good / name).write_bytes(whole)
