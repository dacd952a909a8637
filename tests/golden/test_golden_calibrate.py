import dataclasses

import numpy as np
import pytest

from golden.errors import InputError
from golden.llm.compress.calibrate import calibration_tokens, input_mean_squares, own_sequences, text_sequences
from golden.llm.float_decoder import FloatDecoder
from golden.llm.models.float_model import FloatModel


def test_tokens_are_the_same_each_time(small_model):
    sequences = calibration_tokens(small_model.spec)
    assert [len(tokens) for tokens in sequences] == [64] * 4
    assert all((a == b).all() for a, b in zip(sequences, calibration_tokens(small_model.spec), strict=True))
    assert {int(token) for tokens in sequences for token in tokens} == set(range(11))


def test_mean_squares(small_model):
    spec = small_model.spec
    sequences = [[1, 2, 3], [4]]
    measured = input_mean_squares(small_model, sequences)
    assert {name: len(value) for name, value in measured.items()} == {
        name: shape[1] for name, shape in spec.matrices.items() if name != "embedding"
    }
    x = small_model.tensor("embedding")[[1, 2, 3, 4]]
    normed = x / np.sqrt((x * x).mean(-1, keepdims=True) + spec.eps) * small_model.tensor("layers.0.attn_norm")
    expected = (normed.astype(float) ** 2).mean(0)
    assert np.allclose(measured["layers.0.attn_q"], np.maximum(expected, expected.max() * 1e-4), rtol=1e-4)
    assert all((value >= value.max() * 0.99e-4).all() for value in measured.values())


def test_text_is_cut_evenly(small_model):
    text = "".join(chr(97 + number) for number in np.random.default_rng(0).integers(0, 11, 3000))
    sequences = text_sequences(small_model, text, 1087)  # the model's context is 64
    assert sequences.shape == (16, 64)
    written = small_model.tokenizer.decode(sequences.ravel()).replace(" ", "")
    assert written.startswith(text[:64]) and written.endswith(text[-64:])
    assert text_sequences(small_model, text[:64]).shape == (1, 64)
    with pytest.raises(InputError, match="the text has 63 tokens; at least 64 are needed"):
        text_sequences(small_model, text[:63])


def test_a_tokenizer_of_another_model(small_model):
    with pytest.raises(InputError, match="the tokenizer has 11 tokens, the embedding 7"):
        FloatModel(dataclasses.replace(small_model.spec, vocab=7), small_model.tokenizer, small_model.fetch)


def test_the_models_own_text(small_model):
    sequences = own_sequences(small_model, 512)
    assert sequences.shape == (8, 64) and 0 <= sequences.min() and sequences.max() < 11
    assert (sequences == own_sequences(small_model, 512)).all() and len(own_sequences(small_model, 1)) == 1


def test_input_mean_squares_hold_a_layer_at_a_time(small_model):
    """Every tensor is asked for once, layer after layer; and what is measured is what FloatDecoder meets."""
    asked = []
    watched = FloatModel(
        small_model.spec, small_model.tokenizer, lambda name: asked.append(name) or small_model.tensor(name)
    )
    sequences = [[1, 2, 3, 4], [5, 6]]
    found = input_mean_squares(watched, sequences)
    layers = [name.split(".")[1] for name in asked if name.startswith("layers.")]
    assert layers == sorted(layers) and len(asked) == len(set(asked))
    sums = {}
    decoder = FloatDecoder(
        small_model, observe=lambda name, x: sums.update({name: sums.get(name, 0) + np.square(x, dtype="f8").sum(0)})
    )
    for tokens in sequences:
        decoder.reset()
        decoder.feed(tokens)
    for name, total in sums.items():
        assert (found[name] == np.maximum(total / 6, total.max() / 6 * 1e-4)).all()
    assert set(found) == set(sums)
