"""Sampling on the host: a token drawn from the likeliest few of its logits."""

import numpy as np

from golden.errors import InputError
from golden.numerics import ONE


class TopSampler:
    """Draws among the ``top`` most likely tokens, each as often as the softmax of their logits says.

    Called with logits (vocab,) int32, 16 fraction bits; returns a token number. The same ``seed`` draws the same tokens
    from the same logits, wherever these were computed. Raises InputError for ``top`` below 1.
    """

    def __init__(self, top, seed=0):
        if top < 1:
            raise InputError(f"sampling: top must be at least 1, not {top}")
        self._top = top
        self._rng = np.random.default_rng(seed)

    def __call__(self, logits):
        logits = np.asarray(logits, np.int64)
        # The lower token comes first among equals, so that the choice does not depend on how a sort treats them.
        likeliest = np.argsort(-logits, kind="stable")[: self._top]
        weights = np.exp((logits[likeliest] - logits[likeliest[0]]) / ONE)
        return int(likeliest[np.searchsorted(np.cumsum(weights), self._rng.random() * weights.sum(), side="right")])
