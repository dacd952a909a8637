import numpy as np

from golden.llm.compress.calibrate import calibration_tokens, input_mean_squares
from golden.llm.compress.equalise import equalise
from golden.llm.float_decoder import FloatDecoder


def test_changes_nothing_the_model_computes(small_model):
    equal, _ = equalise(small_model, input_mean_squares(small_model))
    tokens = np.arange(11)
    before, after = FloatDecoder(small_model).feed(tokens), FloatDecoder(equal).feed(tokens)
    assert abs(before - after).max() < 1e-3 * abs(before).max()
    for name in ("layers.0.attn_v", "layers.1.ffn_up", "layers.1.ffn_down", "layers.0.ffn_norm"):
        assert not np.allclose(equal.tensor(name), small_model.tensor(name), rtol=0.01)


def test_predicts_the_new_mean_squares(small_model):
    equal, predicted = equalise(small_model, input_mean_squares(small_model))
    measured = input_mean_squares(equal, calibration_tokens(small_model.spec))
    for name in ("layers.0.attn_q", "layers.1.ffn_gate", "layers.1.ffn_down", "layers.0.attn_o", "head"):
        known = measured[name] > 1e-2 * measured[name].max()  # far above the floor of what is measured
        assert known.sum() > 20 and np.allclose(predicted[name][known], measured[name][known], rtol=0.01)


def test_inputs_become_more_even(small_model):
    before = input_mean_squares(small_model)
    _, after = equalise(small_model, before)
    for name in ("layers.0.attn_q", "layers.1.ffn_gate", "layers.1.ffn_down"):
        assert np.std(np.log(after[name])) < 0.75 * np.std(np.log(before[name]))
