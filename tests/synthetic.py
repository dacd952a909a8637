"""Small compressed models with random weights, for tests of everything that decodes."""

import dataclasses

import numpy as np
import tokenizers

from golden.draft_shapes import DraftSize, draft_shapes
from golden.llm.compress.round_to_nearest import round_to_nearest
from golden.llm.models.tokenizer import Tokenizer
from golden.llm.quantised_model import AccModel
from golden.numerics import fixed
from golden.spec import ModelSpec
from golden.units.rms_norm import NormWeights


def synthetic_model(kind, seed=0, head="w8", **sizes):
    """An AccModel of ``sizes``: vocab, dim, layers, heads, kv_heads, head_dim, ffn, context, tied, and what else a
    ModelSpec may have.

    ``kind``: w2, w4, w8, or ``mixed``: each matrix its own. ``head``: of embedding and head.
    """
    spec = ModelSpec("synthetic", eps=1e-5, rope_base=1e4, **sizes)
    rng = np.random.default_rng(seed)
    matrices, norms = {}, {}
    for name, (rows, cols) in spec.matrices.items():
        weights = (rng.normal(size=(rows, cols)) * (3.0 if name == "embedding" else 1.5 / np.sqrt(cols))).astype("f4")
        drawn = str(rng.choice(["w2", "w4", "w8"]))
        form = head if name in ("embedding", "head") else drawn if kind == "mixed" else kind
        matrices[name] = round_to_nearest(weights, form)
    for name, size in spec.norms.items():
        norms[name] = NormWeights.from_float(1 + rng.normal(size=size) * 0.5, spec.eps)
    biases = {name: fixed(rng.normal(size=size)) for name, size in spec.biases.items()}
    vocabulary = {chr(0x4E00 + index): index for index in range(spec.vocab)}
    tokenizer = Tokenizer.build(tokenizers.Tokenizer(tokenizers.models.BPE(vocab=vocabulary, merges=[])))
    return AccModel(spec, tokenizer, matrices, norms, biases)


def with_draft(model, ffn=32, kind="w4", seed=0, vocab=None):
    """``model`` with a draft head of random weights."""
    return dataclasses.replace(model, draft=draft_of(model.spec, ffn, kind, seed, vocab))


def draft_of(spec, ffn=32, kind="w4", seed=0, vocab=None):
    """The matrices of a draft head with random weights for models of ``spec``, of whose tokens the first ``vocab`` may
    be drafts."""
    rng = np.random.default_rng(seed)
    shapes = draft_shapes(spec, DraftSize(ffn, vocab or spec.vocab))
    weights = {name: (rng.normal(size=s) / np.sqrt(s[1])).astype("f4") for name, s in shapes.items()}
    return {name: round_to_nearest(matrix, kind) for name, matrix in weights.items()}
