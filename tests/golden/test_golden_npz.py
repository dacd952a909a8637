import io
import json
import os
import shutil
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golden.errors import InputError
from golden.llm.models.npz import load_npz

CONFIG = {
    "vocab_size": 8, "d_model": 8, "n_layers": 1, "n_heads": 2, "n_kv_heads": 1, "max_len": 16, "rope_base": 10000.0,
    "eps": 1e-6,
}  # fmt: skip
TOKENIZER = {"version": 1, "alphabet": ["a", "b", "▁"], "merges": [["a", "b"]]}


def arrays():
    rng = np.random.default_rng(0)
    shapes = {
        "E": (8, 8), "norm_f.gamma": (8,), "blocks.0.norm1.gamma": (8,), "blocks.0.norm2.gamma": (8,),
        "blocks.0.attn.W_Q": (8, 8), "blocks.0.attn.W_K": (8, 4), "blocks.0.attn.W_V": (8, 4),
        "blocks.0.attn.W_O": (8, 8), "blocks.0.ffn.W1": (8, 21), "blocks.0.ffn.W3": (8, 21), "blocks.0.ffn.W2": (21, 8),
    }  # fmt: skip
    return {name: rng.normal(size=shape).astype(np.float16) for name, shape in shapes.items()}


def write(path, values, config=CONFIG, tokenizer=TOKENIZER):
    np.savez_compressed(path, __config__=np.array(config if isinstance(config, str) else json.dumps(config)), **values)
    path.with_suffix(".tokenizer.json").write_text(
        tokenizer if isinstance(tokenizer, str) else json.dumps(tokenizer), encoding="utf-8"
    )
    return path


def read_all(path):
    model = load_npz(path, "x")
    return {name: model.tensor(name) for name in model.spec.tensors}


def test_orientation(tmp_path):
    values = arrays()
    path = write(tmp_path / "x.npz", values)
    tensors = read_all(path)
    assert (tensors["layers.0.attn_k"] == values["blocks.0.attn.W_K"].T).all()
    assert (tensors["embedding"] == values["E"]).all() and (tensors["final_norm"] == values["norm_f.gamma"]).all()
    model = load_npz(path, "x")
    assert model.spec.ffn == 21 and model.spec.head_dim == 4 and model.spec.tied
    assert model.tokenizer.encode("ab a") == [7, 6, 4]


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("{", "not JSON"),
        ("[1]", "not a JSON object"),
        ("[" * 50000, "not JSON"),
        ({"d_model": 8}, "lacks n_heads"),
        (CONFIG | {"n_heads": 0}, "multiple of n_heads"),
        (CONFIG | {"n_heads": 3}, "multiple of n_heads"),
        (CONFIG | {"d_model": "8"}, "multiple of n_heads"),
        (CONFIG | {"n_layers": 10**9}, "layers must be"),
        (CONFIG | {"n_layers": 2}, "no array blocks.1"),
        (CONFIG | {"vocab_size": 9}, "E is float16"),
        (CONFIG | {"rope_base": None}, "rope_base must be"),
    ],
)
def test_wrong_configuration(tmp_path, config, message):
    with pytest.raises(InputError, match=message):
        load_npz(write(tmp_path / "x.npz", arrays(), config), "x")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"E": np.zeros((8, 8), np.int8)}, "E is int8"),
        ({"E": np.zeros((8, 9))}, "it should be floats of shape"),
        ({"blocks.0.ffn.W1": np.zeros((8, 5))}, "W3 is float16"),
        ({"blocks.0.ffn.W1": np.array(1.0)}, "ffn must be"),
        ({"norm_f.gamma": np.full(8, np.nan, np.float32)}, "not finite"),
    ],
)
def test_wrong_arrays(tmp_path, change, message):
    with pytest.raises(InputError, match=message):
        read_all(write(tmp_path / "x.npz", arrays() | change))


@pytest.mark.parametrize(
    "tokenizer",
    [
        "{", "[]", "{}", "[" * 50000, {"alphabet": ["a"], "merges": [["a", "c"]]}, {"alphabet": ["a", "a"], "merges":
        []}, {"alphabet": "ab", "merges": []}, {"alphabet": ["a"], "merges": [["a"]]}, {"alphabet": ["a"], "merges": 3},
        {"alphabet": [1], "merges": []}, {"alphabet": [chr(97 + i) for i in range(20)], "merges": []},
    ],
)  # fmt: skip
def test_wrong_tokenizer(tmp_path, tokenizer):
    with pytest.raises(InputError):
        load_npz(write(tmp_path / "x.npz", arrays(), tokenizer=tokenizer), "x")


def test_missing_tokenizer(tmp_path):
    path = write(tmp_path / "x.npz", arrays())
    os.unlink(path.with_suffix(".tokenizer.json"))
    with pytest.raises(InputError, match="cannot be read"):
        load_npz(path, "x")


def hostile(tmp_path, header, name="E", content=b""):
    """The good file with the entry ``name`` replaced by an npy file of version 1 with ``header`` as its header text."""
    path = write(tmp_path / "x.npz", arrays())
    with zipfile.ZipFile(path) as archive:
        entries = {entry: archive.read(entry) for entry in archive.namelist()}
    text = header.encode("latin1").ljust(117) + b"\n"
    entries[f"{name}.npy"] = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + content
    with zipfile.ZipFile(path, "w") as archive:
        for entry, octets in entries.items():
            archive.writestr(entry, octets)
    return path


@pytest.mark.parametrize(
    "header",
    [
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 8)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (8, 8)}",
        "{'descr': '<f4', 'fortran_order': True, 'shape': (8, 8)}",
        "{'descr': '|O', 'fortran_order': False, 'shape': (8, 8)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-8, 8)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': 'x'}",
        "{'descr': '<q99', 'fortran_order': False, 'shape': (8, 8)}",
        "__import__('os')",
        "(" * 60,
        "\\",
    ],
)
def test_hostile_headers(tmp_path, header):
    with pytest.raises(InputError):
        read_all(hostile(tmp_path, header))


def test_huge_configuration_text(tmp_path):
    with pytest.raises(InputError, match="__config__ is not text"):
        read_all(hostile(tmp_path, "{'descr': '<U400000000', 'fortran_order': False, 'shape': ()}", "__config__"))


def test_more_bytes_than_the_shape(tmp_path):
    good = "{'descr': '<f4', 'fortran_order': False, 'shape': (8, 8)}"
    read_all(hostile(tmp_path, good, content=bytes(256)))
    with pytest.raises(InputError, match="another number of bytes"):
        read_all(hostile(tmp_path, good, content=bytes(257)))


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    path = write(tmp_path_factory.mktemp("npz") / "x.npz", arrays())
    shutil.copy(path, path.with_name("y.npz"))
    shutil.copy(path.with_suffix(".tokenizer.json"), path.with_name("y.tokenizer.json"))
    return path


@settings(deadline=None, max_examples=80)
@given(st.data())
def test_cut_anywhere(load_or_refuse, good, data):
    whole = good.read_bytes()
    assert not load_or_refuse(read_all, whole[: data.draw(st.integers(0, len(whole) - 1))], good.with_name("y.npz"))


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_mutated(load_or_refuse, good, data):
    damaged = bytearray(good.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    load_or_refuse(read_all, bytes(damaged), good.with_name("y.npz"))


def test_zip_without_arrays(tmp_path):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("readme.txt", "x")
    path = tmp_path / "x.npz"
    path.write_bytes(stream.getvalue())
    with pytest.raises(InputError, match="no array __config__"):
        load_npz(path, "x")


def test_the_packages_model_loads(glassllm):
    assert glassllm.spec.parameters == 852608 and glassllm.spec.ffn == 341
    assert all(glassllm.tensor(name).shape == shape for name, shape in glassllm.spec.tensors.items())
