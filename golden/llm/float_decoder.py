"""The floating-point decoder: what the accuracy of the integer one is measured against."""

import numpy as np

from golden.blas import one_thread
from golden.lambda_attention import LambdaRule
from golden.llm.arithmetic import Arithmetic, layers


class FloatDecoder:
    """Decodes ``model`` (FloatModel) in float32, weights unquantised, with the same Λ rule as golden.decoder.

    ``weights`` replaces tensors by name: how a compressed matrix alone affects accuracy. ``observe(name, x)`` is
    called with the inputs (tokens, cols) of every matrix: what calibration looks at. ``int8_activations`` and
    ``int4_cache`` round as the integer decoder does (golden.llm.arithmetic): what each costs alone. All tensors are
    kept in memory.
    """

    def __init__(
        self, model, sinks=0, window=None, weights=None, observe=None, int8_activations=False, int4_cache=False
    ):
        spec = model.spec
        self.rule = LambdaRule.of(spec, sinks, window)
        replaced = weights or {}
        self._tensors = {name: replaced[name] if name in replaced else model.tensor(name) for name in spec.tensors}
        self._layers = layers(spec, self._tensors)
        self._head = model.head
        self._observe = observe
        self._arithmetic = Arithmetic(spec, int8_activations, int4_cache, span=self.rule.capacity)
        self.reset()

    def reset(self):
        """Forget all tokens."""
        self.position = 0
        self._caches = [None] * len(self._layers)

    @one_thread
    def feed(self, tokens, every=True):
        """Logits after each of ``tokens`` (len, vocab) float32, or after the last one (1, vocab) unless ``every``."""
        x = self._tensors["embedding"][np.asarray(tokens)]
        for layer in range(len(self._layers)):
            x = self._layer(x, layer)
        self.position += len(tokens)
        x = self._arithmetic.norm(x if every else x[-1:], self._tensors["final_norm"])
        self._see("", [self._head], x)
        return x @ self._tensors[self._head].T

    def generate(self, prompt, count):
        """Feed ``prompt``, then yield ``count`` tokens, each the most likely one."""
        logits = self.feed(prompt)[-1]
        for index in range(count):
            token = int(np.argmax(logits))
            yield token
            if index + 1 < count:
                logits = self.feed([token])[-1]

    def _layer(self, x, layer):
        return self._arithmetic.layer(
            x,
            self._layers[layer],
            lambda names, inputs: self._see(f"layers.{layer}.", names, inputs),
            lambda *projected: self._attention(layer, *projected),
        )

    def _see(self, prefix, names, x):
        if self._observe is not None:
            for name in names:
                self._observe(prefix + name, x)

    def _attention(self, layer, q, k, v, rotated):
        at = self.position + np.arange(len(q))
        cache = self._arithmetic.cached(k, v, at * rotated)
        if self._caches[layer] is not None:
            cache = [np.concatenate(parts, axis=1) for parts in zip(self._caches[layer], cache, strict=True)]
        self._caches[layer] = cache
        keys, values, steps = cache
        scores = self._arithmetic.scores(q, at * rotated, keys)
        if rotated and self.rule.capped(at[-1]):
            sinks = self.rule.sinks
            scores[..., :sinks] = self._arithmetic.scores(q, self.rule.sink_position(at), keys[:, :sinks])
        scores[..., ~self.rule.meets(at[:, None], np.arange(keys.shape[1]))] = -np.inf
        return self._arithmetic.mixed(scores, values, steps)
