"""Perplexity of a compressed model in integers, or of a model in floats."""

import numpy as np
from scipy.special import logsumexp

from golden.decoder import Decoder
from golden.errors import InputError
from golden.numerics import ONE
from golden.quantised import AccModel
from golden.reference import FloatDecoder

_WINDOW = 512
_ROWS = 64


def perplexity(model, tokens, sinks=None, window=None, progress=None):
    """exp of the mean negative log-likelihood of ``tokens`` under ``model`` (AccModel or FloatModel).

    The tokens are cut into windows of 512 (or the model's context, if that is shorter); each starts afresh and its
    first token is only given, not predicted. ``sinks`` and ``window`` set the Λ attention (default: the decoder's).
    ``progress`` is called with the number of tokens done. Raises InputError for fewer than two tokens.
    """
    tokens = [int(token) for token in tokens]
    if len(tokens) < 2:
        raise InputError("perplexity: the text must have at least two tokens")
    options = {key: value for key, value in (("sinks", sinks), ("window", window)) if value is not None}
    if isinstance(model, AccModel):
        decoder = Decoder(model, rows=_ROWS, **options)
    else:
        decoder = FloatDecoder(model, **options)
    length = min(_WINDOW, model.spec.context)
    total, predicted = 0.0, 0
    for first in range(0, len(tokens), length):
        part = tokens[first : first + length]
        if len(part) < 2:
            break
        decoder.reset()
        if isinstance(model, AccModel):
            logits = decoder.feed(part[:-1], every=True) / ONE
        else:
            logits = decoder.feed(part[:-1]).astype(np.float64)
        total += float((logsumexp(logits, axis=-1) - logits[np.arange(len(part) - 1), part[1:]]).sum())
        predicted += len(part) - 1
        if progress is not None:
            progress(first + len(part))
    return float(np.exp(total / predicted))
