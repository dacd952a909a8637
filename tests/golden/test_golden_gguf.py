import struct

import gguf
import numpy as np
import pytest
from gguf import GGMLQuantizationType, GGUFWriter
from hypothesis import given, settings
from hypothesis import strategies as st

from golden.errors import InputError
from golden.llm.compress.rotate import rotate
from golden.llm.models import load
from golden.llm.models.gguf import load_gguf
from golden.llm.models.gguf_file import GgufFile
from tests.oracle import tiny_models

TOKENS = ["<|end|>", "a", "b", "Ġ", "1", "2", "ab", "Ġa"]
INTEGERS = {
    "block_count": 1, "context_length": 64, "embedding_length": 64, "feed_forward_length": 64,
    "attention.head_count": 2, "attention.head_count_kv": 1, "rope.dimension_count": 32,
}  # fmt: skip


def tensors(tied=True):
    rng = np.random.default_rng(0)
    shapes = {
        "token_embd": (8, 64), "output_norm": (64,), "blk.0.attn_norm": (64,), "blk.0.ffn_norm": (64,),
        "blk.0.attn_q": (64, 64), "blk.0.attn_k": (32, 64), "blk.0.attn_v": (32, 64), "blk.0.attn_output": (64, 64),
        "blk.0.ffn_gate": (64, 64), "blk.0.ffn_up": (64, 64), "blk.0.ffn_down": (64, 64),
    }  # fmt: skip
    if not tied:
        shapes["output"] = (8, 64)
    return {f"{name}.weight": rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


def write(path, values=None, integers=None, architecture="llama", tokens=TOKENS, merges=("a b", "Ġ a"), **other):
    writer = GGUFWriter(path, architecture)
    if "alignment" in other:
        writer.add_custom_alignment(other["alignment"])
    for key, value in (INTEGERS | (integers or {})).items():
        if value is not None and key not in other.get("arrays", {}):
            writer.add_uint32(f"llama.{key}", value)
    writer.add_float32("llama.attention.layer_norm_rms_epsilon", 1e-5)
    writer.add_float32("llama.rope.freq_base", 1e4)
    writer.add_string("tokenizer.ggml.model", "gpt2")
    writer.add_string("tokenizer.ggml.pre", other.get("pre", "smollm"))
    writer.add_array("tokenizer.ggml.tokens", list(tokens))
    writer.add_array("tokenizer.ggml.merges", list(merges))
    writer.add_array("tokenizer.ggml.token_type", [3] + [1] * (len(tokens) - 1))
    for key, value in other.get("floats", {}).items():
        writer.add_float32(f"llama.{key}", value)
    for key, value in other.get("arrays", {}).items():
        writer.add_array(f"llama.{key}", value)
    for key, value in zip(("no", "count", "tensors.count"), other.get("split", ()), strict=False):
        writer.add_uint32(f"split.{key}", value)
    if "scaling" in other:
        writer.add_string("llama.rope.scaling.type", other["scaling"])
    for name, value in (tensors() if values is None else values).items():
        quantised = other.get("quantise", {}).get(name)
        if quantised is None:
            writer.add_tensor(name, value)
        else:
            writer.add_tensor(name, gguf.quants.quantize(value, quantised), raw_dtype=quantised)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def read_all(path):
    model = load_gguf(path)
    return {name: model.tensor(name) for name in model.spec.tensors}


@pytest.mark.parametrize("tied", [True, False])
def test_tensors_and_specification(tmp_path, tied):
    values = tensors(tied)
    path = write(tmp_path / "x.gguf", values)
    model = load_gguf(path)
    assert model.spec.tied == tied and model.spec.head_dim == 32 and model.spec.vocab == 8
    assert (model.tensor("layers.0.ffn_down") == values["blk.0.ffn_down.weight"]).all()
    assert (model.tensor("embedding") == values["token_embd.weight"]).all()
    assert tied or (model.tensor("head") == values["output.weight"]).all()


def test_quantised_tensors(tmp_path):
    kinds = {"blk.0.ffn_up.weight": GGMLQuantizationType.Q4_1, "blk.0.attn_q.weight": GGMLQuantizationType.Q8_0,
             "blk.0.ffn_down.weight": GGMLQuantizationType.F16}  # fmt: skip
    values = tensors()
    found = read_all(write(tmp_path / "x.gguf", values, quantise=kinds))
    for name, bound in (("ffn_up", 0.25), ("attn_q", 0.02), ("ffn_down", 2e-3)):
        assert 0 < abs(found[f"layers.0.{name}"] - values[f"blk.0.{name}.weight"]).max() < bound


def test_tokenizer(tmp_path):
    tokenizer = load_gguf(write(tmp_path / "x.gguf")).tokenizer
    assert tokenizer.encode("ab a12") == [6, 7, 4, 5]
    assert tokenizer.decode([6, 7, 4, 5]) == "ab a12"
    assert tokenizer.encode("<|end|>a") == [0, 1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"architecture": "gpt2"}, "architecture 'gpt2' is not supported"),
        ({"integers": {"block_count": None}}, "llama.block_count is missing"),
        ({"integers": {"block_count": 2}}, "blk.1.attn_q.weight is missing"),
        ({"integers": {"embedding_length": 128, "attention.head_count": 4}}, "is .8, 64."),
        ({"integers": {"attention.head_count": 0}}, "llama.attention.head_count must be positive"),
        ({"integers": {"attention.head_count_kv": 0}}, "head_count_kv must be positive"),
        ({"integers": {"rope.dimension_count": 7}}, "RoPE turns 7 elements"),
        ({"integers": {"logit_scale": 3}}, "llama.logit_scale = 3 is not understood"),
        ({"scaling": "linear"}, "llama.rope.scaling.factor is missing"),
        ({"scaling": "ntk"}, "llama.rope.scaling.type = 'ntk' is not supported"),
        ({"pre": "falcon"}, "pre-tokeniser 'falcon'"),
        ({"merges": ["a"]}, "merge"),
        ({"merges": ["a c"]}, "merge"),
        ({"merges": ["b a"]}, "merge"),
        ({"tokens": [*TOKENS, "more"]}, "9 tokens, the embedding 8"),
        ({"tokens": ["a", "a"], "merges": ["a a"]}, "a token twice"),
    ],
)
def test_unsupported(tmp_path, options, message):
    with pytest.raises(InputError, match=message):
        load_gguf(write(tmp_path / "x.gguf", **options))


def test_other_tensors(tmp_path):
    for name in ("blk.0.attn_output.bias", "blk.0.attn_q_norm.weight", "blk.1.attn_q.weight", "extra"):
        with pytest.raises(InputError, match=f"{name} is not part of a model of the family llama"):
            load_gguf(write(tmp_path / "x.gguf", tensors() | {name: np.zeros(32, np.float32)}))
    with pytest.raises(InputError, match="not finite"):
        read_all(write(tmp_path / "x.gguf", tensors() | {"output_norm.weight": np.full(64, np.inf, np.float32)}))


def text(value):
    return struct.pack("<Q", len(value)) + value


def header(values=0, count=0, version=3):
    return b"GGUF" + struct.pack("<IQQ", version, count, values)


ARRAY = text(b"k") + struct.pack("<II", gguf.GGUFValueType.ARRAY, gguf.GGUFValueType.UINT8)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "cannot be read"),
        (b"GGU", "beyond the end"),
        (b"GGML" + bytes(20), "not a GGUF"),
        (header(version=9), "version 9"),
        (header(version=3 << 24), "big-endian"),
        (header(values=1 << 63), "beyond the end"),
        (header(count=1 << 63), "beyond the end"),
        (header(values=1) + struct.pack("<Q", 1 << 60), "beyond the end"),
        (header(values=1) + ARRAY + struct.pack("<Q", 1 << 62), "beyond the end"),
        (header(values=1) + ARRAY[:-4] + struct.pack("<IQ", 9, 3) + bytes(50), "unknown metadata type 9"),
        (header(values=1) + text(b"k") + struct.pack("<I", 77), "unknown metadata type 77"),
        (header(values=1) + text(b"\xff"), "not UTF-8"),
        (header(values=2) + (text(b"k") + struct.pack("<IB", 0, 1)) * 2, "appears twice"),
        (header(count=1) + text(b"t") + struct.pack("<I", 1 << 31), "dimensions"),
        (header(count=1) + text(b"t") + struct.pack("<IQQIQ", 2, 1 << 60, 1 << 60, 0, 0), "impossible shape"),
        (header(count=1) + text(b"t") + struct.pack("<IQIQ", 1, 0, 0, 0), "impossible shape"),
        (header(count=1) + text(b"t") + struct.pack("<IQIQ", 1, 32, 99, 0), "unknown type 99"),
        (header(count=1) + text(b"t") + struct.pack("<IQIQ", 1, 33, 2, 0), "not whole Q4_0 blocks"),
        (header(count=1) + text(b"t") + struct.pack("<IQIQ", 1, 32, 0, 1 << 62), "tensor t lies beyond"),
        (header(count=2) + (text(b"t") + struct.pack("<IQIQ", 1, 32, 0, 0)) * 2, "appears twice"),
        (
            header(count=1) + text(b"t") + struct.pack("<IQIQ", 1, 32, 0, 4) + bytes(200),
            "begins at 4, not at a multiple",
        ),
        (header(1) + text(b"general.alignment") + struct.pack("<II", 4, 0), "not a sensible alignment"),
    ],
)
def test_hostile_headers(tmp_path, data, message):
    path = tmp_path / "x.gguf"
    path.write_bytes(data)
    with pytest.raises(InputError, match=message):
        GgufFile(path)


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return write(tmp_path_factory.mktemp("gguf") / "x.gguf")


@settings(deadline=None, max_examples=80)
@given(st.data())
def test_cut_anywhere(load_or_refuse, good, data):
    whole = good.read_bytes()
    assert not load_or_refuse(read_all, whole[: data.draw(st.integers(0, len(whole) - 33))], good.with_name("y.gguf"))


@settings(deadline=None, max_examples=250)
@given(st.data())
def test_mutated(load_or_refuse, good, data):
    damaged = bytearray(good.read_bytes())
    end = damaged.index(b"blk.0.ffn_down.weight") + 60  # the headers; behind them there are only weights
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, end))] = data.draw(st.integers(0, 255))
    load_or_refuse(read_all, bytes(damaged), good.with_name("y.gguf"))


@pytest.mark.parametrize("alignment", [8, 32, 4096])
def test_alignment(tmp_path, alignment):
    values = tensors()
    found = read_all(write(tmp_path / "x.gguf", values, alignment=alignment))
    assert (found["layers.0.ffn_down"] == values["blk.0.ffn_down.weight"]).all()


def test_double_precision(tmp_path):
    values = tensors()
    values["blk.0.ffn_down.weight"] = values["blk.0.ffn_down.weight"].astype(np.float64) / 3
    found = read_all(write(tmp_path / "x.gguf", values))
    assert (found["layers.0.ffn_down"] == values["blk.0.ffn_down.weight"].astype(np.float32)).all()


def test_overlapping_tensors(tmp_path):
    data = bytearray(write(tmp_path / "x.gguf").read_bytes())
    name = b"blk.0.ffn_down.weight"
    at = data.index(name) + len(name) + 4 + 16 + 4  # where its offset stands
    data[at : at + 8] = bytes(8)
    (tmp_path / "y.gguf").write_bytes(data)
    with pytest.raises(InputError, match=r"y.gguf: tensors .* overlap"):
        GgufFile(tmp_path / "y.gguf")


def test_values_by_layer(tmp_path):
    assert load_gguf(write(tmp_path / "x.gguf", arrays={"feed_forward_length": [64]})).spec.ffn == 64
    with pytest.raises(InputError, match=r"llama.attention.head_count_kv has 2 values for 1 layers"):
        load_gguf(write(tmp_path / "x.gguf", arrays={"attention.head_count_kv": [1, 1]}))
    with pytest.raises(InputError, match=r"llama.attention.head_count_kv differs from layer to layer"):
        load_gguf(write(tmp_path / "x.gguf", arrays={"attention.head_count_kv": [1, 2]}, integers={"block_count": 2}))


def split(directory, count=3):
    """The paths of the parts of a model."""
    values = tensors()
    names = list(values)
    paths = [directory / f"x-{number + 1:05d}-of-{count:05d}.gguf" for number in range(count)]
    for number, path in enumerate(paths):
        part = {name: values[name] for name in names[number::count]}
        write(path, part, split=(number, count, len(names)))
    return paths


def test_split_model(tmp_path):
    whole = read_all(write(tmp_path / "x.gguf"))
    for path in split(tmp_path):
        assert all((found == whole[name]).all() for name, found in read_all(path).items())


def test_split_model_with_a_part_missing_or_wrong(tmp_path):
    paths = split(tmp_path)
    paths[0].rename(tmp_path / "y.gguf")
    with pytest.raises(InputError, match=r"x-00001-of-00003.gguf: this part of the model is missing"):
        load_gguf(paths[1])
    with pytest.raises(InputError, match=r"it is part 1 of 3; its name should end in -00001-of-00003.gguf"):
        load_gguf(tmp_path / "y.gguf")
    paths[0].write_bytes(paths[1].read_bytes())
    with pytest.raises(InputError, match=r"x-00001-of-00003.gguf: its metadata do not say that it is part 1 of 3"):
        load_gguf(paths[2])


@pytest.mark.parametrize(
    ("floats", "expected"),
    [
        ({"rope.scaling.factor": 4.0}, 0.25),  # without a type, as llama.cpp takes it
        ({"rope.scale_linear": 4.0}, 0.25),
        ({"rope.scale_linear": 1.0}, 1.0),
    ],
)
def test_scaled_rope(tmp_path, floats, expected):
    spec = load_gguf(write(tmp_path / "x.gguf", floats=floats)).spec
    plain = load_gguf(write(tmp_path / "x.gguf")).spec
    assert np.allclose(spec.frequencies(1), plain.frequencies(1) * expected)


def test_constants_that_change_nothing(tmp_path):
    floats = {"rope.scaling.yarn_log_multiplier": 0.1, "rope.scaling.yarn_ext_factor": 1.0}
    assert load_gguf(write(tmp_path / "x.gguf", floats=floats)).spec == load_gguf(write(tmp_path / "y.gguf")).spec


@pytest.mark.filterwarnings("error")
def test_double_precision_beyond_single(tmp_path):
    values = tensors()
    values["output_norm.weight"] = np.full(64, 1e300)
    with pytest.raises(InputError, match=r"tensor final_norm holds values that are not finite"):
        read_all(write(tmp_path / "x.gguf", values))


@pytest.mark.parametrize(
    ("floats", "message"),
    [
        ({"rope.scale_linear": 4.0, "rope.scaling.factor": 2.0}, "rope.scale_linear = 4.0 contradicts"),
        ({"rope.scaling.factor": 0.0}, "llama.rope.scaling.factor of RoPE must be positive, not 0.0"),
        ({"attn_logit_softcapping": 50.0}, "llama.attn_logit_softcapping = 50.0 is not understood"),
        ({"attention.scale": 0.1}, "llama.attention.scale = 0.1"),
        ({"rope.scaling.yarn_ext_factor": 0.5}, "llama.rope.scaling.yarn_ext_factor = 0.5 is not understood"),
    ],
)
def test_constants_that_are_not_understood(tmp_path, floats, message):
    with pytest.raises(InputError, match=message):
        load_gguf(write(tmp_path / "x.gguf", floats=floats))


def test_factors_of_0_are_none(tmp_path):
    """As in llama.cpp."""
    factors = ("attention.scale", "embedding_scale", "residual_scale", "logit_scale")
    plain, zeros = tmp_path / "plain.gguf", tmp_path / "zeros.gguf"
    expected = read_all(write(plain))
    for name, tensor in read_all(write(zeros, floats=dict.fromkeys(factors, 0.0))).items():
        assert (tensor == expected[name]).all(), name


def test_granite_without_a_scale_has_the_usual_one(tmp_path, monkeypatch):
    config = {key: value for key, value in tiny_models.VARIANTS["granite"].items() if key != "attention_multiplier"}
    monkeypatch.setitem(tiny_models.VARIANTS, "unscaled", config)
    path = tiny_models.write_gguf("unscaled", tmp_path / "x.gguf")
    assert (load_gguf(path).tensor("layers.0.attn_q") == GgufFile(path).tensor("blk.0.attn_q.weight")).all()


def test_what_was_read_of_the_file_is_let_go(tmp_path):
    path = tmp_path / "large.gguf"
    writer = GGUFWriter(path, "llama")
    values = np.random.default_rng(0).normal(size=(2, 512, 2048)).astype(np.float32)
    for name, tensor in zip("ab", values, strict=True):
        writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    file = GgufFile(path)
    for name, tensor in zip("aba", values[[0, 1, 0]], strict=True):
        assert (file.tensor(name) == tensor).all()
        with open("/proc/self/smaps") as maps:
            mapping = maps.read().split(str(path), 1)[1]
        assert int(mapping.split("Rss:", 1)[1].split()[0]) < 1024  # KiB, of 8 MiB


def test_messages_name_the_file(tmp_path):
    values = tensors()
    values["blk.0.attn_v.weight"][3, 4] = np.nan
    path = write(tmp_path / "nan.gguf", values)
    model = load(path)
    for changed in (model, rotate(model)):
        with pytest.raises(InputError, match=rf"^{path}: tensor layers\.0\.attn_v holds values that are not finite$"):
            changed.tensor("layers.0.attn_v")
    path = write(tmp_path / "huge.gguf", integers={"context_length": 1 << 31})
    with pytest.raises(InputError, match=rf"^{path}: context must be an integer"):
        load(path)
