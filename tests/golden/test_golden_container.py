import json
import os
import resource
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file
from safetensors.numpy import save as serialise

from golden.decoder import Decoder
from golden.errors import InputError
from golden.llm import container
from golden.llm.compress import compress


@pytest.fixture(scope="module", params=["w2", "w4", "w8"])
def model(request, small_model):
    return compress(small_model, request.param, head="w4" if request.param == "w8" else "w8")


@pytest.fixture(scope="module")
def written(model, tmp_path_factory):
    path = tmp_path_factory.mktemp("acc") / "small.acc"
    container.save(model, path)
    return path


def metadata_of(path):
    data = path.read_bytes()
    return json.loads(data[8 : 8 + struct.unpack("<Q", data[:8])[0]])["__metadata__"]


def test_round_trip(model, written):
    loaded = container.load(written)
    assert loaded.spec == model.spec and loaded.tokenizer.json == model.tokenizer.json
    tokens = np.random.default_rng(0).integers(0, 11, 12)
    assert (Decoder(loaded, rows=4).feed(tokens, every=True) == Decoder(model, rows=4).feed(tokens, every=True)).all()
    for name, matrix in model.matrices.items():
        assert (loaded.matrices[name].packed.atoms == matrix.packed.atoms).all()
        assert not loaded.matrices[name].packed.atoms.flags.writeable


def test_save_replaces_in_one_step(model, tmp_path):
    path = tmp_path / "a.acc"
    path.write_bytes(b"old")
    container.save(model, path)
    container.load(path)
    assert os.listdir(tmp_path) == ["a.acc"]
    assert path.stat().st_mode & 0o444


def test_the_same_model_gives_the_same_bytes(model, written, tmp_path):
    for name in "abc":
        container.save(model, tmp_path / name)
        assert (tmp_path / name).read_bytes() == written.read_bytes()


def test_the_bytes_are_those_of_the_safetensors_library(written):
    """But for the metadata and the spaces in the header."""
    content, library = written.read_bytes(), serialise(load_file(written), metadata_of(written))
    headers, starts = [], []
    for data in (content, library):
        starts.append(8 + struct.unpack("<Q", data[:8])[0])
        headers.append(json.loads(data[8 : starts[-1]]))
    assert headers[0] == headers[1] and list(headers[0]) == list(headers[1])
    assert content[starts[0] :] == library[starts[1] :] and starts[0] % 8 == 0


def test_parts_are_written_as_they_come(model, written, tmp_path):
    """In any order, to the same bytes; the one before is in the file when the next is asked for."""
    kinds = {name: matrix.packed.kind for name, matrix in model.matrices.items()}
    before = []

    def parts():
        for name, matrix in reversed(model.matrices.items()):
            if before:
                (temporary,) = tmp_path.iterdir()
                assert model.matrices[before[-1]].packed.atoms.tobytes() in temporary.read_bytes()
            before.append(name)
            yield name, matrix

    container.write(tmp_path / "a.acc", model.spec, model.tokenizer, kinds, model.norms, parts())
    assert (tmp_path / "a.acc").read_bytes() == written.read_bytes()


@pytest.mark.parametrize("wrong", ["missing", "shape"])
def test_wrong_parts(model, tmp_path, wrong):
    kinds = {name: matrix.packed.kind for name, matrix in model.matrices.items()}
    parts = dict(model.matrices)
    if wrong == "missing":
        del parts["layers.1.attn_v"]
    else:
        parts["layers.1.attn_v"] = parts["layers.1.attn_q"]
    with pytest.raises(InputError, match=r"tensor layers\.1\.attn_v\.\w+ is "):
        container.write(tmp_path / "a.acc", model.spec, model.tokenizer, kinds, model.norms, parts.items())
    assert os.listdir(tmp_path) == []


def test_save_leaves_nothing_behind(model, written, tmp_path):
    (tmp_path / "a.acc").write_bytes(b"old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (os.path.getsize(written) - 1, before[1]))  # as on a full disk
    try:
        with pytest.raises(InputError, match=r"cannot write .*a.acc: File too large"):
            container.save(model, tmp_path / "a.acc")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert os.listdir(tmp_path) == ["a.acc"] and (tmp_path / "a.acc").read_bytes() == b"old"


def test_unwritable_place(model, tmp_path):
    with pytest.raises(InputError, match="cannot write"):
        container.save(model, tmp_path / "no" / "a.acc")
    (tmp_path / "dir.acc").mkdir()
    with pytest.raises(InputError, match="cannot write"):
        container.save(model, tmp_path / "dir.acc")
    assert os.listdir(tmp_path) == ["dir.acc"]


def rewritten(written, tmp_path, tensors=None, **metadata):
    """A copy of the file with other metadata, or with tensors replaced (None: removed)."""
    changed = load_file(written)
    for name, tensor in (tensors or {}).items():
        changed.pop(name, None)
        if tensor is not None:
            changed[name] = tensor
    values = metadata_of(written) | metadata
    path = tmp_path / "changed.acc"
    save_file(changed, path, {key: value for key, value in values.items() if value is not None})
    return path


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "other"}, "not one that myhdl-acc compress wrote"),
        ({"format": None}, "not one that myhdl-acc compress wrote"),
        ({"version": "2"}, "version '2'"),
        ({"spec": None}, "metadata spec is missing"),
        ({"spec": "{"}, "metadata spec is missing or not JSON"),
        ({"spec": "{}"}, "has the fields"),
        ({"spec": "[" * 100000}, "metadata spec"),
        ({"kinds": "[]"}, "kinds names other"),
        ({"kinds": '{"embedding": "w8"}'}, "kinds names other"),
        ({"norms": "{}"}, "norms names other"),
        ({"tokenizer": "{}"}, "tokenizer: unusable"),
        ({"tokenizer": None}, "tokenizer: unusable"),
    ],
)
def test_wrong_metadata(written, tmp_path, change, message):
    with pytest.raises(InputError, match=message):
        container.load(rewritten(written, tmp_path, **change))


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("kinds", {"layers.0.attn_q": "w3"}, "has kind 'w3'"),
        ("kinds", {"layers.0.attn_q": ["w2"]}, "has kind"),
        ("norms", {"final_norm": [1]}, "norm final_norm"),
        ("norms", {"final_norm": [1.5, 2]}, "norm final_norm"),
        ("norms", {"final_norm": [10**30, 2]}, "norm final_norm"),
        ("spec", {"vocab": 1 << 19}, "tensor embedding.atoms is"),
        ("spec", {"layers": 3}, "kinds names other"),
        ("spec", {"eps": "x"}, "eps must be"),
    ],
)
def test_wrong_values_in_metadata(written, tmp_path, name, value, message):
    values = json.loads(metadata_of(written)[name]) | value
    with pytest.raises(InputError, match=message):
        container.load(rewritten(written, tmp_path, **{name: json.dumps(values)}))


def test_wrong_tensors(written, tmp_path):
    good = load_file(written)
    atoms = good["layers.0.attn_q.atoms"]
    for tensors, message in [
        ({"layers.0.attn_q.atoms": None}, "atoms is missing"),
        ({"layers.0.attn_q.atoms": atoms[:-1]}, "atoms is uint64"),
        ({"layers.0.attn_q.atoms": atoms.view(np.int64)}, "type I64"),
        ({"final_norm.gamma": good["final_norm.gamma"].astype(np.float32)}, "type F32"),
        ({"more": np.zeros(3, np.uint8)}, "tensor more is unknown"),
        ({"layers.0.attn_q.mantissa": np.full(len(atoms), 5, np.uint16)}, "mantissa"),
        ({"layers.0.attn_q.exponent": np.full(len(atoms), -128, np.int8)}, "exponent"),
        ({"final_norm.gamma": np.full_like(good["final_norm.gamma"], 1 << 20)}, "norm final_norm"),
    ]:
        with pytest.raises(InputError, match=message):
            container.load(rewritten(written, tmp_path, tensors))


@pytest.mark.parametrize(("kind", "atom"), [("w2", 127 << 7), ("w2", 113 << 49), ("w8", 0x80 << 24), ("w8", 0x98)])
def test_illegal_codes(small_model, tmp_path, kind, atom):
    path = tmp_path / "good.acc"
    container.save(compress(small_model, kind), path)
    atoms = load_file(path)["layers.1.ffn_up.atoms"].copy()
    atoms[3, 0, 0] = atom
    with pytest.raises(InputError, match=f"codes that mean nothing in {kind}"):
        container.load(rewritten(path, tmp_path, {"layers.1.ffn_up.atoms": atoms}))


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_cut_anywhere(load_or_refuse, data, written, tmp_path_factory):
    whole = written.read_bytes()
    cut = data.draw(st.integers(0, len(whole) - 1))
    assert not load_or_refuse(container.load, whole[:cut], tmp_path_factory.getbasetemp() / "cut.acc")


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_mutated_header(load_or_refuse, data, written, tmp_path_factory):
    """Bytes of the length and the header replaced: a model or one clear line, nothing else."""
    damaged = bytearray(written.read_bytes())
    header = struct.unpack("<Q", damaged[:8])[0]
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.one_of(st.integers(0, 7), st.integers(8, 7 + header)))
        damaged[place : place + 1] = data.draw(st.binary(min_size=1, max_size=3))
    load_or_refuse(container.load, bytes(damaged), tmp_path_factory.getbasetemp() / "mutated.acc")


@pytest.mark.parametrize(
    "data", [b"", b"x", b"\xff" * 8, struct.pack("<Q", 1 << 62) + b"{}", struct.pack("<Q", 2) + b"{}"]
)
def test_no_container_at_all(load_or_refuse, data, tmp_path):
    assert not load_or_refuse(container.load, data, tmp_path / "x.acc")


def test_no_such_file(tmp_path):
    for path in (tmp_path / "none.acc", tmp_path):
        with pytest.raises(InputError, match="no such file"):
            container.load(path)
