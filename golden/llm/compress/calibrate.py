"""Calibration: token sequences, and how large the inputs of every matrix are on them."""

import numpy as np

from golden.blas import one_thread
from golden.errors import InputError
from golden.lambda_attention import LambdaRule
from golden.llm.arithmetic import Arithmetic
from golden.llm.compress.own_text import sample

TOKENS = 8192  #: of text to calibrate on
LENGTH = 512  #: of the sequences that it is cut into, at most the model's context
_RANDOM_SEQUENCES, _RANDOM_LENGTH = 4, 64
_SEED = 0


def calibration_tokens(spec):
    """Token sequences drawn at random from the vocabulary: they need no text, and the inputs' outliers show as well."""
    rng = np.random.default_rng(_SEED)
    return [rng.integers(0, spec.vocab, min(_RANDOM_LENGTH, spec.context)) for _ in range(_RANDOM_SEQUENCES)]


def text_sequences(model, text, tokens=TOKENS):
    """Sequences (n, sequence_length()) of at most ``tokens`` in all, spread evenly over ``text``, without overlap.

    Raises InputError for a text of less than one sequence, and for a tokenizer that does not fit the model.
    """
    encoded = np.array(model.tokenizer.encode(text), np.int64)
    length = sequence_length(model)
    if len(encoded) < length:
        raise InputError(f"calibration: the text has {len(encoded)} tokens; at least {length} are needed")
    if encoded.max() >= model.spec.vocab:
        raise InputError(f"calibration: token {encoded.max()} is outside the vocabulary of {model.spec.vocab}")
    count = min(_count(model, tokens), len(encoded) // length)
    starts = np.linspace(0, len(encoded) - length, count).astype(int)
    return np.stack([encoded[start : start + length] for start in starts])


def own_sequences(model, tokens=TOKENS, progress=None):
    """Sequences (n, sequence_length()) of at most ``tokens`` in all that ``model`` itself writes, each from a random
    first token: calibration without any text.

    Training data would be better, but a model's samples follow what it has learnt of them (LLM-QAT, arXiv
    2305.17888). ``progress`` is called after every token of all sequences. Always the same for a model.
    """
    return sample(model, _count(model, tokens), sequence_length(model), _SEED, progress)


def sequence_length(model):
    """Tokens in a calibration sequence."""
    return min(LENGTH, model.spec.context)


def _count(model, tokens):
    return max(1, tokens // sequence_length(model))


@one_thread
def input_mean_squares(model, sequences=None):
    """``{matrix: (cols,) float64}``: the mean square of each input of each matrix of ``model`` (FloatModel).

    ``sequences`` (lists of token numbers; default calibration_tokens()) go through the layers in floats, one layer in
    memory at a time. No value is zero: at least 1e-4 of the matrix's largest, as no input can be known to be
    unimportant from a short sample.
    """
    sequences = calibration_tokens(model.spec) if sequences is None else sequences
    spec, sums = model.spec, {}
    arithmetic = Arithmetic(spec, span=LambdaRule.of(spec, 0).capacity)
    embedding = model.tensor("embedding")
    states = [embedding[np.asarray(tokens)] for tokens in sequences]
    del embedding

    def observe(name, x):
        sums[name] = sums.get(name, 0) + np.square(x, dtype=np.float64).sum(0)

    for layer in range(spec.layers):
        prefix = f"layers.{layer}."
        tensors = {part: model.tensor(prefix + part) for part in spec.layer_parts}
        tensors["rotated"] = layer not in spec.unrotated
        for index, x in enumerate(states):
            states[index] = arithmetic.layer(
                x, tensors, lambda names, inputs, prefix=prefix: [observe(prefix + name, inputs) for name in names]
            )
    final = model.tensor("final_norm")
    for x in states:
        observe(model.head, arithmetic.norm(x, final))
    count = sum(len(tokens) for tokens in sequences)
    return {name: np.maximum(total / count, max(total.max() / count * 1e-4, 1e-30)) for name, total in sums.items()}
