"""How well a model predicts a text: a compressed model in integers, or one in floats."""

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from golden.decoder import Decoder
from golden.errors import InputError
from golden.numerics import ONE
from golden.quantised import AccModel
from golden.reference import FloatDecoder

WINDOW = 512  #: tokens of a text that are predicted from a fresh start, unless the model's context is shorter
_ROWS = 64


@dataclass(frozen=True, eq=False)
class Predictions:
    """Of each predicted token of a text: its negative log-``likelihood`` in nats, and the ``best`` token instead."""

    likelihood: np.ndarray
    best: np.ndarray

    @property
    def perplexity(self):
        return float(np.exp(self.likelihood.mean()))

    def parts(self, length):
        """The perplexity of each ``length`` tokens in turn; the last part may be shorter."""
        return [float(np.exp(self.likelihood[i : i + length].mean())) for i in range(0, len(self.likelihood), length)]


def perplexity(model, tokens, sinks=None, window=None, progress=None):
    """exp of the mean negative log-likelihood of ``tokens`` under ``model``; see predictions()."""
    return predictions(model, tokens, sinks, window, progress=progress).perplexity


def predictions(model, tokens, sinks=None, window=None, stream=False, progress=None, **options):
    """What ``model`` (AccModel or FloatModel) predicts of ``tokens``, as Predictions.

    The tokens are cut into windows of 512 (or the model's context, if that is shorter); each starts afresh and its
    first token is only given, not predicted. With ``stream`` they are one long stream instead, whatever the context.
    ``sinks`` and ``window`` set the Λ attention (default: the decoder's); a float model without ``window`` sees all of
    a stream. ``options`` are FloatDecoder's. ``progress`` is called with the number of tokens done. Raises InputError
    for fewer than two tokens.
    """
    tokens = [int(token) for token in tokens]
    if len(tokens) < 2:
        raise InputError("perplexity: the text must have at least two tokens")
    length = len(tokens) if stream else min(WINDOW, model.spec.context)
    if window is None and stream and not isinstance(model, AccModel):
        window = len(tokens)
    options |= {key: value for key, value in (("sinks", sinks), ("window", window)) if value is not None}
    if isinstance(model, AccModel):
        decoder = Decoder(model, rows=_ROWS, **options)
    else:
        decoder = FloatDecoder(model, **options)
    likelihood, best = [], []
    for first in range(0, len(tokens), length):
        decoder.reset()
        end = min(first + length, len(tokens))
        # Block by block, so that no more than a block's logits are in memory.
        for start in range(first, end - 1, _ROWS):
            stop = min(start + _ROWS, end - 1)
            logits = decoder.feed(tokens[start:stop], every=True)
            expected = logits[np.arange(stop - start), tokens[start + 1 : stop + 1]]
            best.append(logits.argmax(-1))
            if isinstance(model, AccModel):
                logits, expected = logits / ONE, expected / ONE
            likelihood.append(logsumexp(logits.astype(np.float64), axis=-1) - expected)
            if progress is not None:
                progress(stop + 1)
    return Predictions(np.concatenate(likelihood), np.concatenate(best))
