import numpy as np

from golden.compress.calibrate import calibration_tokens, input_mean_squares


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
