import numpy as np
import pytest
from scipy.special import log_softmax

from golden.llm.compress.second_order import second_order
from golden.llm.compress.sensitivity import sensitivities
from golden.llm.float_decoder import FloatDecoder


@pytest.fixture(scope="module")
def sequences():
    return np.random.default_rng(0).integers(0, 11, (6, 40))


def test_against_the_definition(small_model, sequences):
    seen = []
    losses = sensitivities(small_model, sequences, seen.append)
    assert seen == [name for name in small_model.spec.matrices if name.startswith("layers")] == list(losses)
    inputs = []
    observed = FloatDecoder(small_model, observe=lambda name, x: inputs.append(x) if name == "layers.1.attn_o" else 0)
    for tokens in sequences:
        observed.reset()
        observed.feed(tokens)
    x = np.concatenate(inputs)
    wanted = log_softmax(FloatDecoder(small_model).feed(sequences[0]), axis=-1)
    for kind in ("w2", "w4"):
        changed = second_order(small_model.tensor("layers.1.attn_o"), kind, x.T @ x).to_float()
        got = FloatDecoder(small_model, weights={"layers.1.attn_o": changed}).feed(sequences[0])
        expected = (np.exp(wanted) * (wanted - log_softmax(got, axis=-1))).sum(-1).mean()
        assert losses["layers.1.attn_o"][kind] == pytest.approx(expected, rel=0.05)


def test_fewer_bits_lose_more(small_model, sequences):
    losses = sensitivities(small_model, sequences)
    for kind, better in (("w2", "w4"), ("w4", "w8")):
        assert all(of[kind] > 3 * of[better] > 0 for of in losses.values())
