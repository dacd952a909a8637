import numpy as np
import pytest

from golden.compress import compress
from golden.compress.round_to_nearest import round_to_nearest
from golden.decoder import Decoder
from golden.errors import InputError
from golden.reference import FloatDecoder


def test_kinds_and_progress(small_model):
    seen = []
    model = compress(small_model, "w2", head="w4", progress=seen.append)
    assert seen == list(small_model.spec.tensors)
    for name, matrix in model.matrices.items():
        assert matrix.packed.kind == ("w4" if name in ("embedding", "head") else "w2")


def test_quantise_is_the_seam(small_model):
    shapes, calibrated = [], []

    def quantise(weights, kind, importance):
        shapes.append((weights.shape, kind))
        calibrated.append(importance is not None and importance.shape == weights.shape[1:])
        return round_to_nearest(weights, "w8")

    model = compress(small_model, "w4", quantise=quantise)
    assert [shape for shape, _ in shapes] == list(small_model.spec.matrices.values())
    assert {kind for _, kind in shapes} == {"w4", "w8"}
    assert {matrix.packed.kind for matrix in model.matrices.values()} == {"w8"}
    # All but the embedding, which is only looked up where it is not the head too.
    assert calibrated == [False] + [True] * 15
    calibrated.clear()
    compress(small_model, "w2", quantise=quantise)
    assert not any(calibrated)


@pytest.mark.parametrize(("kind", "least"), [("w4", 0.9), ("w8", 0.96)])
def test_logits_keep_their_shape(small_model, kind, least):
    tokens = np.random.default_rng(2).integers(0, 11, 24)
    logits = Decoder(compress(small_model, kind)).feed(tokens, every=True)
    exact = FloatDecoder(small_model).feed(tokens)
    assert np.corrcoef(logits.ravel(), exact.ravel())[0, 1] > least


@pytest.mark.parametrize("options", [{"kind": "w3"}, {"head": "int8"}, {"kind": "kv4"}])
def test_unknown_format(small_model, options):
    with pytest.raises(InputError, match="no weight format"):
        compress(small_model, **options)


def test_memory_of_the_headline_format(glassllm, glassllm_w2):
    """2 bits per weight and 6 bytes per channel: the linear layers in 64-bit atoms, rows padded to 32 inputs."""
    for name, matrix in glassllm_w2.matrices.items():
        if name != "embedding":
            rows, cols = glassllm.spec.matrices[name]
            assert matrix.packed.atoms.nbytes == rows * -(-cols // 32) * 8
