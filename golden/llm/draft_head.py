"""A draft head: what a small network says comes behind the token that a model chose last.

It goes on from the model's last hidden state, a token at a time: a residual product of the token's embedding, then a
gated feed-forward, then logits of its own. So each draft depends on those before it (Hydra, arXiv 2402.05109) through
one state that is handed on (EAGLE, arXiv 2401.15077). It has no cache: its window is what the hidden state holds.
"""

import numpy as np

from golden.decoder import embed, multiply
from golden.draft_shapes import DOWN, GATE, HEAD, NO_HEAD, TOKEN, UP
from golden.errors import InputError
from golden.units.engine import execute_all
from golden.units.quantise import quantise
from golden.units.residual_add import residual_add
from golden.units.sampling import GREEDY
from golden.units.silu_mul import silu_mul


class DraftHead:
    """The head of ``model`` (AccModel), in integers only. ``execute`` is Decoder's.

    Raises InputError for a model that has none.
    """

    def __init__(self, model, execute=execute_all):
        if not model.draft:
            raise InputError(NO_HEAD)
        self._model = model
        self._execute = execute

    def drafts(self, hidden, token, position, count, sampling=GREEDY):
        """``count`` tokens behind ``token``, which the model chose for ``position`` from its last ``hidden`` state
        (dim,) int32, 16 fraction bits. ``sampling`` (Sampling) is the text's: a draft is drawn with the noise of its
        position, so that it is what the model would draw from the same logits.
        """
        x, found = np.asarray(hidden)[None], []
        for place in range(position + 1, position + 1 + count):
            x = self._step(x, token)
            token = sampling.token(self._multiply(x, HEAD)[0][0], place)
            found.append(token)
        return found

    def _step(self, x, token):
        """The state (1, dim) behind ``token``."""
        x = residual_add(x, self._multiply(embed(self._model, [token]), TOKEN)[0])
        gate, up = self._multiply(x, GATE, UP)
        return residual_add(x, self._multiply(silu_mul(gate, up), DOWN)[0])

    def _multiply(self, x, *names):
        return multiply(quantise(x), [self._model.draft[name] for name in names], self._execute)
