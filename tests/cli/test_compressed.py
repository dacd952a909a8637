"""The demo compresses a model once."""

import pytest

from golden.errors import InputError
from golden.llm import container
from myhdl_acc.cli import compressed as module
from myhdl_acc.cli.compressed import compressed
from myhdl_acc.simulate import kept


@pytest.fixture
def compressions(monkeypatch, tmp_path):
    """The weight formats in which models were compressed, with an empty cache."""
    made, compress = [], module.compress
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(module, "compress", lambda model, kind: made.append(kind) or compress(model, kind=kind))
    return made


def test_a_model_is_compressed_once(compressions, glassllm_acc):
    first, second = compressed("glassllm", "w2"), compressed("glassllm", "w2")
    assert compressions == ["w2"]
    wanted = container.load(glassllm_acc)
    for model in (first, second):
        assert model.spec == wanted.spec
        assert all((model.matrices[n].packed.atoms == m.packed.atoms).all() for n, m in wanted.matrices.items())


def test_other_weights_or_another_source_compress_again(compressions, monkeypatch, tmp_path):
    compressed("glassllm", "w2")
    assert compressed("glassllm", "w8").matrices["layers.0.attn_q"].packed.kind == "w8"
    monkeypatch.setattr(kept, "_ROOT", tmp_path)  # where no source files are
    compressed("glassllm", "w2")
    assert compressions == ["w2", "w8", "w2"]


def test_the_embedded_model_is_there_in_w2_only(compressions):
    assert compressed("austen", "w2").spec.name == "austen"
    with pytest.raises(InputError, match="austen: its weights are w2"):
        compressed("austen", "w4")
    assert compressions == []
