"""What a model loses by each matrix in each format, measured."""

import numpy as np
from scipy.special import log_softmax

from golden.blas import one_thread
from golden.formats.matrix import PHASES
from golden.llm.arithmetic import Arithmetic, layers
from golden.llm.compress.second_order import second_order

_TOKENS = 256  # of the first sequence, on which divergences are measured


@one_thread
def sensitivities(model, sequences, progress=None):
    """``{matrix: {kind: loss}}`` of the matrices of all layers of ``model`` (FloatModel).

    The loss is the Kullback-Leibler divergence, in nats per token, of the predictions with this matrix alone
    compressed by second_order() from those of the model: zero where nothing is lost, and far less noisy than a
    difference of perplexities. ``sequences`` (n, T) calibrate; the first one's first 256 tokens are measured on.
    ``progress`` is called with every matrix's name. All tensors are in memory as floats.
    """
    spec, arithmetic = model.spec, Arithmetic(model.spec)
    sequences = np.asarray(sequences)
    tensors = {name: model.tensor(name) for name in spec.tensors}
    per_layer = layers(spec, tensors)

    def predictions(x):
        return log_softmax(arithmetic.norm(x, tensors["final_norm"]) @ tensors[model.head].T, axis=-1)

    def rest(x, first):
        for layer in per_layer[first:]:
            x = arithmetic.layer(x, layer)
        return x

    states = tensors["embedding"][sequences]
    measured = slice(0, _TOKENS)
    wanted = predictions(rest(states[0, measured], 0))
    losses = {}
    for index, layer in enumerate(per_layer):
        grams, after = _grams(arithmetic, states, layer)
        for part in spec.layer_matrices:
            name, losses_here = f"layers.{index}.{part}", {}
            for kind in PHASES:
                changed = layer | {part: second_order(layer[part], kind, grams[part]).to_float()}
                got = predictions(rest(arithmetic.layer(states[0, measured], changed), index + 1))
                losses_here[kind] = float((np.exp(wanted) * (wanted - got)).sum(-1).mean())
            losses[name] = losses_here
            if progress is not None:
                progress(name)
        states = after
    return losses


def _grams(arithmetic, states, layer):
    """``({matrix: XᵀX of its inputs}, the states behind the layer)``."""
    grams, after = {}, []
    for x in states:

        def observe(parts, inputs):
            gram = inputs.T @ inputs
            for part in parts:
                grams[part] = grams.get(part, 0) + gram

        after.append(arithmetic.layer(x, layer, observe))
    return grams, np.stack(after)
