"""Models that several tests share."""

import sys
from pathlib import Path

import numpy as np
import pytest
import tokenizers

from golden.errors import InputError
from golden.llm.compress import compress
from golden.llm.models import load
from golden.llm.models.float_model import FloatModel
from golden.llm.models.tokenizer import Tokenizer
from golden.spec import ModelSpec

sys.path.insert(0, str(Path(__file__).parent))


def letters(vocab):
    """A tokenizer of ``vocab`` single characters from "a" on."""
    model = tokenizers.models.BPE(vocab={chr(97 + index): index for index in range(vocab)}, merges=[])
    return Tokenizer.build(tokenizers.Tokenizer(model))


@pytest.fixture(scope="session")
def small_model():
    """Two layers with every size awkward: GQA of 3, odd widths, an untied head. Random weights."""
    spec = ModelSpec("small", 11, 36, 2, 6, 2, 6, 45, 64, 1e-5, 1e4, False)
    rng = np.random.default_rng(7)
    tensors = {}
    for name, shape in spec.tensors.items():
        spread = 1.0 if len(shape) == 1 else 1.5 / np.sqrt(shape[1])
        tensors[name] = (rng.normal(size=shape) * spread + (len(shape) == 1)).astype(np.float32)
    tensors["embedding"] *= 4
    return FloatModel(spec, letters(11), tensors.__getitem__)


@pytest.fixture(scope="session")
def glassllm():
    return load("glassllm")


@pytest.fixture(scope="session")
def glassllm_w2(glassllm):
    return compress(glassllm, "w2")


@pytest.fixture(scope="session")
def load_or_refuse():
    """``load_or_refuse(load, data, path)``: whether ``load`` takes a file with these bytes; it may refuse it with one
    clear line, and nothing else."""

    def attempt(load, data, path):
        path.write_bytes(data)
        try:
            load(path)
        except InputError as error:
            assert "\n" not in str(error) and len(str(error)) < 1000
            return False
        return True

    return attempt
