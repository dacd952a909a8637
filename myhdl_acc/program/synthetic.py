"""Models of any shape with random weights: for tests, and to measure what a shape costs."""

import numpy as np
import tokenizers

from golden.compress import compress
from golden.models.float_model import FloatModel
from golden.models.tokenizer import Tokenizer


def synthetic_model(spec, weights, seed=0):
    """A compressed model (AccModel) of ``spec`` (ModelSpec), ``weights`` its format. The same seed gives the same bits."""
    rng = np.random.default_rng(seed)
    tensors = {}
    for name, shape in spec.tensors.items():
        spread = 1.0 if len(shape) == 1 else 1.5 / np.sqrt(shape[1])
        tensors[name] = (rng.normal(size=shape) * spread + (len(shape) == 1)).astype(np.float32)
    tensors["embedding"] *= 4
    vocabulary = {chr(0x4E00 + index): index for index in range(spec.vocab)}
    tokenizer = Tokenizer.build(tokenizers.Tokenizer(tokenizers.models.BPE(vocab=vocabulary, merges=[])))
    return compress(FloatModel(spec, tokenizer, tensors.__getitem__), weights)
