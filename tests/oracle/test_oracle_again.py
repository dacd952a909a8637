"""What the files beside this one record, computed again: `make test-oracle` installs what that needs."""

import gzip
import json

import numpy as np
import pytest

from golden.llm.models.exports.fp8 import E4M3
from tests.oracle import tiny_exports, tiny_models

pytestmark = pytest.mark.oracle

COMPRESSED = [name for name in tiny_exports.KINDS if name.startswith("ct-") and not name.endswith("order")]
FP8 = [name for name in tiny_exports.KINDS if name.startswith("fp8-") and "blocks" not in name]


@pytest.mark.parametrize("variant", tiny_models.VARIANTS)
def test_logits(variant, tmp_path):
    from tests.oracle.make_logits import logits

    expected = np.load(tiny_models.LOGITS)[variant]
    found = logits(variant, tmp_path / variant)
    assert np.abs(found - expected).max() < 1e-4 * np.ptp(expected)


def test_tokenizers():
    from tests.oracle import make_tokenizers

    recorded = json.loads(gzip.decompress(make_tokenizers.OUTPUT.read_bytes()))
    again = json.loads(json.dumps(make_tokenizers.make(len(recorded["texts"]))))
    assert again.keys() == recorded.keys()
    for part, value in recorded.items():
        assert again[part] == value, part


def as_torch(kind, array):
    import torch

    tensor = torch.tensor(array)
    return tensor.view(torch.float8_e4m3fn) if kind == "F8_E4M3" else tensor


@pytest.fixture(scope="module")
def weight():
    return (np.random.default_rng(6).normal(size=(96, 160)) * 0.1).astype(np.float32)


def test_every_e4m3():
    found = as_torch("F8_E4M3", np.arange(256, dtype=np.uint8)).float().numpy()
    assert np.array_equal(found, E4M3, equal_nan=True)


@pytest.mark.parametrize("kind", COMPRESSED)
def test_compressed_tensors(kind, weight):
    """All but the order of groups, which this version of the library no longer reads."""
    from compressed_tensors.compressors.base import BaseCompressor
    from compressed_tensors.quantization import QuantizationScheme

    settings, quantise = tiny_exports.KINDS[kind]
    parts, expected = quantise(weight)
    stored = {ending: as_torch(*part) for ending, part in parts.items()}
    stored["weight_scale"] = stored["weight_scale"].float()  # whose type is that of the result
    compressor = BaseCompressor.get_value_from_registry(settings["format"])
    scheme = QuantizationScheme(**settings["config_groups"]["group_0"])
    assert (compressor.decompress(stored, scheme)["weight"].numpy() == expected).all()


@pytest.mark.parametrize("kind", FP8)
def test_fp8(kind, weight):
    """Without blocks that are cut: `transformers` would stretch them, where DeepSeek's own code cuts the last ones."""
    import torch
    from transformers.integrations.finegrained_fp8 import Fp8Dequantize

    dequantise(Fp8Dequantize(None), torch.float32, *tiny_exports.KINDS[kind][1](weight))


def test_fp8_in_whole_blocks():
    import torch
    from transformers.integrations.finegrained_fp8 import Fp8Dequantize

    weight = (np.random.default_rng(7).normal(size=(128, 192)) * 0.1).astype(np.float32)
    dequantise(Fp8Dequantize(None), torch.float32, *tiny_exports.KINDS["fp8-blocks"][1](weight))


def dequantise(operation, kind, parts, expected):
    scale = next(part for ending, part in parts.items() if "scale" in ending)
    found = operation._dequantize_one(as_torch(*parts["weight"]), as_torch(*scale), kind)
    assert (found.numpy() == expected).all()
