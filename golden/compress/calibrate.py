"""Calibration: how large the inputs of every matrix are."""

import numpy as np

from golden.reference import FloatDecoder

_SEQUENCES = 4
_LENGTH = 64
_SEED = 0


def calibration_tokens(spec):
    """Token sequences drawn at random from the vocabulary: they need no text, and the inputs' outliers show as well."""
    rng = np.random.default_rng(_SEED)
    return [rng.integers(0, spec.vocab, min(_LENGTH, spec.context)) for _ in range(_SEQUENCES)]


def input_mean_squares(model, sequences=None):
    """``{matrix: (cols,) float64}``: the mean square of each input of each matrix of ``model`` (FloatModel).

    ``sequences`` (lists of token numbers; default calibration_tokens()) go through the float decoder one by one. No
    value is zero: at least 1e-4 of the matrix's largest, as no input can be known to be unimportant from a short
    sample.
    """
    sequences = calibration_tokens(model.spec) if sequences is None else sequences
    sums = {}

    def observe(name, x):
        sums[name] = sums.get(name, 0) + np.square(x, dtype=np.float64).sum(0)

    decoder = FloatDecoder(model, observe=observe)
    for tokens in sequences:
        decoder.reset()
        decoder.feed(tokens)
    count = sum(len(tokens) for tokens in sequences)
    return {name: np.maximum(total / count, max(total.max() / count * 1e-4, 1e-30)) for name, total in sums.items()}
