import numpy as np
import pytest

from golden.decoder import Decoder
from golden.llm.arithmetic import Arithmetic, layers
from golden.llm.float_decoder import FloatDecoder
from golden.numerics import ONE


def logits(spec, tensors, tokens, rounded):
    arithmetic = Arithmetic(spec, rounded)
    x = tensors["embedding"][tokens]
    for layer in layers(spec, tensors):
        x = arithmetic.layer(x, layer)
    return arithmetic.norm(x, tensors["final_norm"]) @ tensors["embedding" if spec.tied else "head"].T


@pytest.mark.parametrize("name", ["small_model", "glassllm"])
def test_without_rounding_it_is_the_float_decoder(name, request):
    model = request.getfixturevalue(name)
    tensors = {name: model.tensor(name) for name in model.spec.tensors}
    tokens = np.arange(11) % model.spec.vocab
    wanted = FloatDecoder(model).feed(tokens)
    assert np.allclose(logits(model.spec, tensors, tokens, False), wanted, atol=1e-4 * abs(wanted).max())


def test_with_rounding_it_follows_the_integer_decoder(glassllm, glassllm_w2):
    """What the decoder's int8 and int4 change in the logits, this changes as well."""
    tensors = {name: glassllm.tensor(name) for name in glassllm.spec.norms}
    tensors |= {name: matrix.to_float() for name, matrix in glassllm_w2.matrices.items()}
    tokens = np.random.default_rng(0).integers(0, glassllm.spec.vocab, 60)
    exact = logits(glassllm.spec, tensors, tokens, False)
    rough = logits(glassllm.spec, tensors, tokens, True)
    decoded = Decoder(glassllm_w2, rows=60).feed(tokens, every=True) / ONE
    assert np.corrcoef((rough - exact).ravel(), (decoded - exact).ravel())[0, 1] > 0.75


def test_observes_the_inputs_of_every_matrix(small_model):
    tensors = layers(small_model.spec, {name: small_model.tensor(name) for name in small_model.spec.tensors})[0]
    seen = {}
    x = small_model.tensor("embedding")[np.arange(7)]
    Arithmetic(small_model.spec, True).layer(
        x, tensors, lambda names, inputs: seen.update(dict.fromkeys(names, inputs))
    )
    assert {name: inputs.shape[1] for name, inputs in seen.items()} == {
        name: cols for name, (_, cols) in small_model.spec.layer_matrices.items()
    }
    for inputs in seen.values():  # as the matrix products of the decoder take them: 127 steps to the largest
        steps = inputs / np.abs(inputs).max(-1, keepdims=True) * 127
        assert np.allclose(steps, np.rint(steps), atol=1e-3)
