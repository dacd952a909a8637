"""Whose shape is measured: names, files, directories, sizes."""

import dataclasses
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golden.errors import InputError
from golden.llm import container, models
from golden.llm.compress import compress
from golden.llm.models import embedded
from myhdl_acc.report.perf.measure import cache_rule
from myhdl_acc.report.perf.shapes import NAMES, Shape, shape
from tests.oracle import tiny_models

SIZES = dict(
    name="mine", vocab=300, dim=64, layers=2, heads=2, kv_heads=1, head_dim=32, ffn=96, context=512, eps=1e-5,
    rope_base=1e4, tied=False,
)  # fmt: skip


def write(path, values):
    path.write_text(json.dumps(values))
    return str(path)


def test_sizes(tmp_path):
    found = shape(write(tmp_path / "sizes.json", SIZES | {"window": 40, "biased": True}), "w4")
    assert found.spec.to_dict() == SIZES | {"window": 40, "biased": True}
    assert set(found.kinds.values()) == {"w4"} and set(found.kinds) == set(found.spec.matrices)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (SIZES | {"colour": 1, "shade": 2}, "check colour, shade$"),
        ({name: value for name, value in SIZES.items() if name != "ffn"}, "check ffn$"),
        (SIZES | {"dim": 1 << 20}, "dim must be an integer from 1 to"),
        (SIZES | {"layers": True}, "layers must be an integer"),
        (SIZES | {"eps": float("nan")}, "eps must be a number"),
        (SIZES | {"rope_base": float("inf")}, "rope_base must be a number"),
        (SIZES | {"kv_heads": 3}, "2 heads are not a multiple of 3"),
        ([1], "not a JSON object"),
    ],
)
def test_wrong_sizes(tmp_path, values, message):
    path = write(tmp_path / "sizes.json", values)
    with pytest.raises(InputError, match=message) as caught:
        shape(path)
    assert str(caught.value).count(path) == 1


def test_no_sizes(tmp_path):
    with pytest.raises(InputError, match=r"nope\.json: cannot be read"):
        shape("nope.json")
    (tmp_path / "cut.json").write_text(json.dumps(SIZES)[:-9])
    with pytest.raises(InputError, match=r"cut\.json: not JSON"):
        shape(tmp_path / "cut.json")


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner))


@settings(max_examples=150, deadline=None)
@given(
    changes=st.dictionaries(
        st.sampled_from([field.name for field in dataclasses.fields(models.outline("austen").spec)]) | st.text(),
        values,
        max_size=4,
    )
)
def test_any_sizes_are_a_shape_or_one_line(tmp_path_factory, changes):
    path = write(tmp_path_factory.mktemp("sizes") / "s.json", SIZES | changes)
    try:
        assert set(shape(path).kinds) == set(shape(path).spec.matrices)
    except InputError as error:
        assert len(str(error)) < 1000


def test_files_and_directories(tmp_path):
    directory = tiny_models.write_directory("mistral-window", tmp_path / "model")
    (directory / "model.safetensors").unlink()
    assert shape(directory).spec.window == 11
    path = tiny_models.write_gguf("qwen3", tmp_path / "x.gguf")
    assert shape(path, "w8").spec.head_norms and set(shape(path, "w8").kinds.values()) == {"w8"}
    assert shape("glassllm").spec == dataclasses.replace(models.outline("glassllm").spec)


def test_compressed_models_have_their_own_formats(tmp_path):
    model = embedded.load("austen")
    assert shape("austen").kinds == {name: matrix.packed.kind for name, matrix in model.matrices.items()}
    assert shape("austen").weights == "w2"
    source = models.load(tiny_models.write_directory("llama", tmp_path / "model"))
    layers = [name for name in source.spec.matrices if name.startswith("layers")]
    kinds = {name: ("w2", "w4", "w8")[number % 3] for number, name in enumerate(layers)}
    container.save(compress(source, kinds, method="nearest"), tmp_path / "x.acc")
    found = shape(tmp_path / "x.acc")
    assert found.weights == "w2, w4, w8" and {name: found.kinds[name] for name in layers} == kinds
    assert found.weight_bytes == container.load(tmp_path / "x.acc").weight_bytes - source.spec.vocab * source.spec.dim
    with pytest.raises(InputError, match="its matrices have their formats"):
        shape(tmp_path / "x.acc", "w4")


@pytest.mark.parametrize("model", ["gpt", "", ".", "x.bin"])
def test_unknown_models(model):
    with pytest.raises(InputError) as caught:
        shape(model)
    assert all(name in str(caught.value) for name in (*NAMES, ".gguf", ".acc", "config.json", "sizes"))


def test_default_rules():
    spec = shape("llama-2-7b").spec
    assert (cache_rule(spec, 1024).sinks, cache_rule(spec, 1024).window) == (4, 1020)
    assert (cache_rule(spec, 2046, 2).sinks, cache_rule(spec, 2046, 2).window) == (2, 2044)
    assert cache_rule(spec, 3).sinks == 2
    assert cache_rule(dataclasses.replace(spec, window=500), 500).sinks == 0
    with pytest.raises(InputError, match="8 sinks leave no room in a cache of 8 tokens"):
        cache_rule(spec, 8, 8)


def test_layers_are_taken_with_all_that_is_theirs():
    spec = dataclasses.replace(shape("glassllm").spec, unrotated=(2,))
    whole = Shape.of(
        spec,
        {f"layers.{layer}.{name}": f"w{2 << (layer // 2)}" for layer in range(4) for name in spec.layer_matrices},
        "w8",
    )
    part = whole.of_layers([0, 2, 2])
    assert part.spec.layers == 3 and part.spec.unrotated == (1, 2) and set(part.kinds) == set(part.spec.matrices)
    assert [part.layer_kind(layer) for layer in range(3)] == [whole.layer_kind(layer) for layer in (0, 2, 2)]
