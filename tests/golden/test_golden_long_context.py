"""On a stream of sixteen times what attention spans, the integer decoder predicts as well as dense float attention."""

import numpy as np
import pytest

from golden.llm.compress import compress
from golden.llm.models.float_model import FloatModel
from golden.llm.perplexity import predictions
from golden.spec import ModelSpec

_VOCAB = 16
_CONSTANT, _FIRST, _WRONG = 16, 17, 18  # dimensions beside one for each token


@pytest.fixture(scope="module")
def sink_model(small_model):
    """A layer built by hand to need its first token, as large models do (arXiv 2309.17453).

    Each token predicts its successor, modulo 15. The head attends to token 15, which stands only at the beginning and
    has a value of zero; without it attention falls on the other tokens, whose values all speak for one wrong token.
    """
    spec = ModelSpec("sink", _VOCAB, 32, 1, 1, 1, 16, 32, 1024, 1e-5, 1e4, False)
    tensors = {name: np.zeros(shape, np.float32) for name, shape in spec.tensors.items()}
    for norm in spec.norms:
        tensors[norm][:] = 1
    embedding, head = tensors["embedding"], tensors["head"]
    embedding[np.arange(_VOCAB), np.arange(_VOCAB)] = 3
    embedding[:, _CONSTANT] = 3
    embedding[15, _FIRST] = 6
    head[(np.arange(15) + 1) % 15, np.arange(15)] = 2
    head[0, 15] = 2
    head[7, _WRONG] = 4
    # The slowest pair of dimensions: its angle over 512 tokens is 0.16.
    tensors["layers.0.attn_q"][14, _CONSTANT] = 4
    tensors["layers.0.attn_k"][14, _FIRST] = 4
    tensors["layers.0.attn_v"][:, _CONSTANT] = 1
    tensors["layers.0.attn_v"][:, _FIRST] = -0.5
    tensors["layers.0.attn_o"][_WRONG] = 0.04
    return FloatModel(spec, small_model.tokenizer, tensors.__getitem__)


def test_within_a_fifth_of_dense_and_far_better_than_without_sinks(sink_model):
    window, rng = 28, np.random.default_rng(0)
    tokens = [15]
    while len(tokens) < 16 * (4 + window) + 1:
        tokens.append((tokens[-1] + 1) % 15 if tokens[-1] != 15 and rng.random() > 0.1 else int(rng.integers(15)))
    compressed = compress(sink_model, "w8")
    dense = np.array(predictions(sink_model, tokens, stream=True).parts(32))
    shaped = np.array(predictions(compressed, tokens, sinks=4, window=window, stream=True).parts(32))
    without = np.array(predictions(compressed, tokens, sinks=0, window=4 + window, stream=True).parts(32))
    assert len(dense) == 16 and dense.max() < 5
    assert (shaped <= 1.2 * dense).all()
    assert abs(without[0] / shaped[0] - 1) < 0.01  # before the first eviction there is no difference
    assert (without[1:] >= 1.4 * shaped[1:]).all()
