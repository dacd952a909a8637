"""Text that a float model writes itself: what it can be distilled on where its own training text is not at hand."""

import numpy as np

from golden.reference import FloatDecoder


def generate_tokens(model, windows, seed=0, progress=None):
    """``windows`` texts of the context's length, one after the other, sampled from ``model`` (FloatModel).

    Each begins with a token drawn evenly from the vocabulary and goes on with the model's own probabilities.
    ``progress`` is called with the number of windows done.
    """
    rng = np.random.default_rng(seed)
    decoder = FloatDecoder(model)
    tokens = []
    for window in range(windows):
        decoder.reset()
        token = int(rng.integers(model.spec.vocab))
        for _ in range(model.spec.context):
            tokens.append(token)
            # The largest of logits plus Gumbel noise is a draw from their softmax.
            token = int(np.argmax(decoder.feed([token])[0] + rng.gumbel(size=model.spec.vocab)))
        if progress is not None:
            progress(window + 1)
    return tokens
