"""How well a model predicts a text: a compressed model in integers, or one in floats."""

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from golden.decoder import ROWS, Decoder
from golden.errors import InputError
from golden.lambda_attention import LambdaRule
from golden.llm.float_decoder import FloatDecoder
from golden.llm.quantised_model import AccModel
from golden.numerics import ONE

WINDOW = 512  #: tokens of a text that are predicted from a fresh start, unless the model's context is shorter
_LARGEST = 700.0  # nats a token; exp of more is no float64


@dataclass(frozen=True, eq=False)
class Predictions:
    """Of each predicted token of a text: its negative log-``likelihood`` in nats, and the ``best`` token instead."""

    likelihood: np.ndarray
    best: np.ndarray

    @property
    def perplexity(self):
        """Raises InputError where it is beyond every number."""
        mean = self.likelihood.mean()
        if not mean < _LARGEST:
            raise InputError(f"perplexity: the model does not predict this text at all: {mean:g} nats a token")
        return float(np.exp(mean))

    def parts(self, length):
        """The perplexity of each ``length`` tokens in turn; the last part may be shorter. Raises as ``perplexity``."""
        starts = range(0, len(self.likelihood), length)
        return [Predictions(self.likelihood[i : i + length], self.best[i : i + length]).perplexity for i in starts]


def perplexity(model, tokens, sinks=None, window=None, progress=None):
    """exp of the mean negative log-likelihood of ``tokens`` under ``model``; see predictions()."""
    return predictions(model, tokens, sinks, window, progress=progress).perplexity


def predictions(model, tokens, sinks=None, window=None, stream=False, progress=None, **options):
    """What ``model`` (AccModel or FloatModel) predicts of ``tokens``, as Predictions.

    The tokens are cut into windows of 512 (or the model's context, if that is shorter); each starts afresh, after the
    tokens that the model expects before a text (TextRules.before), and its first token is only given, not predicted.
    With ``stream`` they are one long stream instead, whatever the context. ``sinks`` and ``window`` set the Λ attention
    (default: LambdaRule.of(); a float model that was trained without a window sees all of a stream). ``options`` are
    FloatDecoder's. ``progress`` is called with the number of tokens done. Raises InputError for fewer than two tokens,
    and for a context that has no room for two.
    """
    spec, before = model.spec, model.tokenizer.rules.before
    tokens = [int(token) for token in tokens]
    if len(tokens) < 2:
        raise InputError("perplexity: the text must have at least two tokens")
    length = len(tokens) if stream else min(len(tokens), WINDOW, spec.context - len(before))
    if length < 2:
        raise InputError(f"perplexity: a context of {spec.context} has no room for a token and what follows it")
    if window is None and stream and spec.window is None and not isinstance(model, AccModel):
        window = len(before) + length
    rule = LambdaRule.of(spec, sinks, window).within(len(before) + length)
    options |= {"sinks": rule.sinks, "window": rule.window}
    if isinstance(model, AccModel):
        decoder = Decoder(model, rows=ROWS, **options)
    else:
        decoder = FloatDecoder(model, **options)
    likelihood, best = [], []
    for first in range(0, len(tokens), length):
        decoder.reset()
        if before:
            decoder.feed(before)
        end = min(first + length, len(tokens))
        # Block by block, so that no more than a block's logits are in memory.
        for start in range(first, end - 1, ROWS):
            stop = min(start + ROWS, end - 1)
            logits = decoder.feed(tokens[start:stop], every=True)
            expected = logits[np.arange(stop - start), tokens[start + 1 : stop + 1]]
            best.append(logits.argmax(-1))
            if isinstance(model, AccModel):
                logits, expected = logits / ONE, expected / ONE
            likelihood.append(logsumexp(logits.astype(np.float64), axis=-1) - expected)
            if progress is not None:
                progress(stop + 1)
    return Predictions(np.concatenate(likelihood), np.concatenate(best))
