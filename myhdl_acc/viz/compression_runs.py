"""Runs of compression: a model in several formats, each with the perplexity of a text in the integer decoder."""

from dataclasses import dataclass

import numpy as np

from golden.errors import InputError
from golden.llm import models
from golden.llm.compress import compress
from golden.llm.models import embedded
from golden.llm.models.float_model import FloatModel
from golden.llm.perplexity import predictions

FORMATS = tuple(f"{kind} {method}" for kind in ("w2", "w4", "w8") for method in ("nearest", "gptq"))
"""What a model may be compressed to: a format of its matrices, and how weights are rounded."""

AS_IT_IS = "as trained"
_LONGEST = 4096  # tokens; some seconds a format
_OUTER = ("embedding", "head")


@dataclass
class CompressionChoice:
    """``model``: what golden.llm.models loads, an embedded model or an ``.acc`` file; ``formats`` of FORMATS; ``text``
    to predict; attention to the first ``sinks`` and the last ``window`` tokens."""

    model: str
    formats: tuple
    text: str
    sinks: int = 4
    window: int = 28


@dataclass(frozen=True)
class Point:
    """A model in one format: ``bits`` per weight of the layers' matrices, scales included; ``perplexity``; ``bytes`` of
    all weights; what each token of the text but the first cost, in nats (``likelihood``)."""

    format: str
    bits: float
    perplexity: float
    bytes: int
    likelihood: list


@dataclass(frozen=True)
class CompressionRun:
    """``points`` by format, and the ``pieces`` (texts) of the text's tokens."""

    points: list
    pieces: list


def compression_runs():
    """The function from (CompressionChoice, say) to CompressionRun, for a RunProcess."""
    return run_compression


def run_compression(choice, say=lambda text: None):
    """The CompressionRun of a CompressionChoice; ``say(text)`` is told what it is at.

    A model that is compressed already is a point itself, as trained. In other formats it is the weights that its
    integers stand for. Raises InputError for what golden.llm refuses, and for a text of too few or many tokens.
    """
    source = models.load(choice.model) if choice.model in models.NAMES else embedded.load(choice.model)
    tokens = source.tokenizer.encode(choice.text)
    if not 2 <= len(tokens) <= _LONGEST:
        raise InputError(f"the text must have 2 to {_LONGEST:,} tokens, not {len(tokens):,}")
    points = []
    floats = source
    if not isinstance(source, FloatModel):
        points.append(_point(AS_IT_IS, source, tokens, choice, say))
        floats = _floats(source)
    for name in choice.formats:
        if name not in FORMATS:
            raise InputError(f"no format {name!r}; there are {', '.join(FORMATS)}")
        kind, method = name.split()
        say(f"{name}: compressing")
        points.append(_point(name, compress(floats, kind, method=method), tokens, choice, say))
    return CompressionRun(points, [source.tokenizer.piece(token) for token in tokens])


def _point(name, model, tokens, choice, say):
    found = predictions(
        model, tokens, choice.sinks, choice.window, progress=lambda done: say(f"{name}: {done} of {len(tokens)} tokens")
    )
    inner = [matrix.packed for name, matrix in model.matrices.items() if name not in _OUTER]
    octets = sum(part.atoms.nbytes + (0 if part.scales is None else part.scales.nbytes) for part in inner)
    bits = 8 * octets / sum(part.rows * part.cols for part in inner)
    return Point(name, bits, found.perplexity, model.weight_bytes, found.likelihood.tolist())


def _floats(model):
    """The FloatModel of the weights that an AccModel's integers stand for."""

    def fetch(name):
        if name in model.matrices:
            return model.matrices[name].to_float()
        if name in model.norms:
            norm = model.norms[name]
            return norm.gamma / np.sqrt(len(norm.gamma)) * 2.0**-norm.exponent
        return model.biases[name] * 2.0**-16

    return FloatModel(model.spec, model.tokenizer, fetch)
