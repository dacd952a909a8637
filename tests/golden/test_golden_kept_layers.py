import os
import resource

import numpy as np
import pytest

from golden.errors import InputError
from golden.llm.compress.kept_layers import NOTHING_KEPT, KeptLayers
from golden.llm.compress.round_to_nearest import round_to_nearest

SHAPES = {"layers.3.a": (5, 40), "layers.3.b": (2, 7), "layers.3.c": (1, 32)}


@pytest.fixture
def matrices():
    rng = np.random.default_rng(0)
    return {
        name: round_to_nearest(rng.normal(size=shape).astype(np.float32), kind)
        for (name, shape), kind in zip(SHAPES.items(), ("w2", "w4", "w8"), strict=True)
    }


def test_matrices_come_back(tmp_path, matrices):
    kept = KeptLayers(tmp_path / "work")
    assert kept.load(3, SHAPES) is None
    kept.save(3, matrices)
    assert kept.load(2, SHAPES) is None
    loaded = kept.load(3, SHAPES)
    for name, matrix in matrices.items():
        assert loaded[name].packed.kind == matrix.packed.kind
        assert (loaded[name].to_float() == matrix.to_float()).all()
    kept.remove()
    assert os.listdir(tmp_path) == []


def test_a_damaged_layer_is_none(tmp_path, matrices):
    kept = KeptLayers(tmp_path)
    kept.save(3, matrices)
    (path,) = tmp_path.iterdir()
    content = path.read_bytes()
    flipped = content[:-1] + bytes([content[-1] ^ 1])
    for damaged in (b"", content[:100], content[:-8], os.urandom(len(content)), content.replace(b'"w', b'"v'), flipped):
        path.write_bytes(damaged)
        assert kept.load(3, SHAPES) is None
    path.write_bytes(content)
    assert kept.load(3, SHAPES | {"layers.3.a": (5, 72)}) is None
    assert kept.load(3, SHAPES) is not None


def test_values_are_made_once(tmp_path):
    made = []
    for expected in (1, 1):
        assert KeptLayers(tmp_path / "new").value("numbers", lambda: made.append(1) or [1, 2.5]) == [1, 2.5]
        assert len(made) == expected
    for damaged in ("[1,", "{}", "[" * 100000):
        for path in (tmp_path / "new").iterdir():
            path.write_text(damaged)
        assert KeptLayers(tmp_path / "new").value("numbers", lambda: [3]) == [3]
        assert KeptLayers(tmp_path / "new").value("numbers", lambda: [4]) == [3]


def test_a_full_disk_is_one_line_and_keeps_what_there_is(tmp_path, matrices):
    kept = KeptLayers(tmp_path)
    kept.save(2, matrices)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, before[1]))  # no file may grow further, as on a full disk
    try:
        with pytest.raises(InputError, match=r"cannot write .*layer-3-[0-9a-f]+.safetensors: File too large"):
            kept.save(3, matrices)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [path.name[:8] for path in tmp_path.iterdir()] == ["layer-2-"]


def test_no_place(tmp_path, matrices):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write"):
        KeptLayers(tmp_path / "file").save(0, matrices)


def test_nothing_kept(tmp_path, monkeypatch, matrices):
    monkeypatch.chdir(tmp_path)
    assert [NOTHING_KEPT.value("numbers", lambda value=value: value) for value in (1, 2)] == [1, 2]
    NOTHING_KEPT.save(3, matrices)
    assert NOTHING_KEPT.load(3, SHAPES) is None
    NOTHING_KEPT.remove()
    assert os.listdir(tmp_path) == []
