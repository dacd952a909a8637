import numpy as np
from scipy.special import softmax
from scipy.stats import chisquare

from golden.llm.compress import own_text
from golden.llm.compress.own_text import sample
from golden.llm.float_decoder import FloatDecoder


def test_logits_of_sequences_that_grow_together(small_model):
    tokens = np.random.default_rng(0).integers(0, 11, (3, 9))
    state = own_text._State(small_model, 3, 9)
    logits = np.stack([state.feed(tokens[:, position]) for position in range(9)], axis=1)
    for sequence, got in zip(tokens, logits, strict=True):
        wanted = FloatDecoder(small_model).feed(sequence)
        assert np.allclose(got, wanted, atol=1e-4 * abs(wanted).max())


def test_tokens_follow_the_predictions(small_model):
    tokens = sample(small_model, 4000, 2, seed=0)
    for first in (2, 7):
        drawn = np.bincount(tokens[tokens[:, 0] == first, 1], minlength=11)
        expected = softmax(FloatDecoder(small_model).feed([first])[0].astype(float)) * drawn.sum()
        likely = expected > 1
        assert chisquare(drawn[likely], expected[likely] / expected[likely].sum() * drawn[likely].sum()).pvalue > 1e-3


def test_a_seed_gives_the_same_text(small_model):
    calls = []
    first = sample(small_model, 5, 30, seed=3, progress=lambda: calls.append(1))
    assert first.shape == (5, 30) and len(calls) == 29
    assert (first == sample(small_model, 5, 30, seed=3)).all()
    assert (first != sample(small_model, 5, 30, seed=4)).any()
