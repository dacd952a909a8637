"""The integer decoder: a compressed model, token by token, in integers only (docs/decoder.md).

Between products every value is an int32 with 16 fraction bits. A product takes int8 activations with one step per
token. Keys and values are int4 in the cache. Attention is Λ-shaped: it covers the first tokens and the last ones.

Products of matrices and of attention go through ``execute``, so that RTL can compute them instead of numpy. Everything
between is a function of ``golden.units``, one for each hardware unit.
"""

import numpy as np

from golden.blas import one_thread
from golden.errors import InputError
from golden.kv_cache import QuantisedVectors
from golden.lambda_attention import LambdaRule
from golden.numerics import FRACTION
from golden.operation import Operation
from golden.spec import BIASED
from golden.units.attention_output import attention_output
from golden.units.attention_scores import attention_scores, query_constant
from golden.units.engine import execute_all
from golden.units.kv_quantise import kv_quantise
from golden.units.quantise import quantise
from golden.units.requantise import requantise
from golden.units.residual_add import residual_add
from golden.units.rms_norm import quantised_rms_norm, rms_norm
from golden.units.rope import rope
from golden.units.rope_angle import cosine_sine, phase_increments
from golden.units.sampling import GREEDY
from golden.units.silu_mul import silu_mul
from golden.units.softmax import softmax, softmax_reference, value_bound
from golden.units.value_probs import value_probs

ROWS = 64  #: prompt tokens at a time with which numpy is fast
_SLOTS = 256  # a cache has at first; it grows with the tokens
_TOGETHER = 16  # tokens attend at a time, so that temporaries stay in the processor's cache
_UNMET = -(1 << 40)  # a score so far below any int32 that its numerator is 0


def embed(model, tokens):
    """The embeddings (R, dim) int32 of ``tokens`` (list) in ``model`` (AccModel)."""
    embedding = model.matrices["embedding"]
    rows = np.concatenate([embedding.packed.integers(slice(token, token + 1)) for token in tokens])
    return requantise(rows, embedding.scale[tokens].shifted(FRACTION)[:, None])


def multiply(operand, matrices, execute):
    """The products of ``operand`` with ``matrices`` (QuantisedMatrix): for each (R, outputs) int32.

    ``operand``: int8 (R, inputs) and a step for each row, as ``quantise`` and ``quantised_rms_norm`` give them.
    """
    q, step = operand
    sums = execute([Operation(matrix.packed.kind, matrix.packed, q) for matrix in matrices])
    return [requantise(y, step[:, None] * matrix.scale[None, :]) for y, matrix in zip(sums, matrices, strict=True)]


class Decoder:
    """Decodes ``model`` (AccModel).

    ``execute`` takes a list of independent Operations and returns their results in order. The default computes them
    with numpy. ``sinks`` and ``window`` set the Λ attention (default: LambdaRule.of()). ``rows`` prompt tokens go
    through a matrix at once. Their number changes no bit of any result.
    """

    def __init__(self, model, execute=execute_all, sinks=None, window=None, rows=1):
        spec = model.spec
        if rows < 1:
            raise InputError(f"decoder: rows must be at least 1, not {rows}")
        self.rule = LambdaRule.of(spec, sinks, window)
        self._model = model
        self._execute = execute
        self._rows = rows
        self._increments = phase_increments(spec.frequencies(self.rule.capacity))
        self._constant = query_constant(spec.head_dim)
        self.reset()

    def reset(self):
        """Forget all tokens."""
        spec = self._model.spec
        self.position = 0  #: position of the next token
        self.hidden = None  #: states (R, dim) int32 after the last norm, of the latest tokens: for a draft head
        self._slots = min(_SLOTS, self.rule.capacity)
        self._caches = [tuple(self._empty(self._slots) for _ in range(2)) for _ in range(spec.layers)]

    def step(self, token):
        """Logits (vocab,) int32, 16 fraction bits, after ``token``."""
        return self.feed([token])[-1]

    @one_thread
    def feed(self, tokens, every=False):
        """Logits after the last of ``tokens``, (1, vocab) int32. With ``every``: after each of them, (len, vocab)."""
        tokens = [int(token) for token in tokens]
        if not tokens:
            raise InputError("decoder: there are no tokens; a prompt has at least one")
        wrong = [token for token in tokens if not 0 <= token < self._model.spec.vocab]
        if wrong:
            raise InputError(f"decoder: token {wrong[0]} is outside the vocabulary of {self._model.spec.vocab}")
        logits = []
        for first in range(0, len(tokens), self._rows):
            x = self._forward(tokens[first : first + self._rows])
            if every:
                logits.append(self._logits(x))
        return np.concatenate(logits) if every else self._logits(x[-1:])

    def generate(self, prompt, count, choose=None, sampling=GREEDY, ends=(), ahead=True):
        """Feed ``prompt`` (token numbers), then yield up to ``count`` tokens, the last one of ``ends`` if one comes.

        A token is the one of ``sampling`` (Sampling), or what ``choose(logits)`` picks. ``ahead``: a decoder may feed a
        token before the next one is asked for; this one never does.
        """
        del ahead
        logits = self.feed(prompt)[-1]
        for index in range(count):
            token = sampling.token(logits, self.position) if choose is None else int(choose(logits))
            yield token
            if token in ends:
                return
            if index + 1 < count:
                logits = self.step(token)

    def _empty(self, slots):
        return QuantisedVectors.empty(self._model.spec.kv_heads, slots, self._model.spec.head_dim)

    def _reserve(self, slots):
        """Give every cache at least ``slots`` slots. Low slots are used first, so a cache may grow at its end."""
        if slots > self._slots:
            more = self._empty(min(max(slots, 2 * self._slots), self.rule.capacity) - self._slots)
            self._caches = [tuple(cache.followed_by(more) for cache in caches) for caches in self._caches]
            self._slots += more.values.shape[1]

    def _forward(self, tokens):
        """The hidden state (R, dim) after all layers. The R ``tokens`` take the next positions."""
        model = self._model
        self._reserve(self.rule.filled(self.position + len(tokens) - 1))
        x = embed(model, tokens)
        for layer in range(model.spec.layers):
            x = residual_add(x, self._attention(x, layer))
            x = residual_add(x, self._feed_forward(x, layer))
        self.position += len(tokens)
        self.hidden = rms_norm(x, model.norms["final_norm"])
        return x

    def _logits(self, x):
        return self._multiply(self._normed(x, "final_norm"), "embedding" if self._model.spec.tied else "head")[0]

    def _normed(self, x, name):
        """The norm ``name`` of the hidden state ``x`` (R, dim), as an operand of products."""
        return quantised_rms_norm(x, self._model.norms[name])

    def _multiply(self, operand, *names):
        """The products of ``operand`` (int8 (R, inputs), steps) with matrices ``names``: each (R, outputs) int32."""
        return multiply(operand, [self._model.matrices[name] for name in names], self._execute)

    def _feed_forward(self, x, layer):
        """What the feed-forward part of a layer adds to the hidden state ``x`` (R, dim)."""
        name = f"layers.{layer}."
        gate, up = self._multiply(self._normed(x, name + "ffn_norm"), name + "ffn_gate", name + "ffn_up")
        return self._multiply(quantise(silu_mul(gate, up)), name + "ffn_down")[0]

    def _attention(self, x, layer):
        """What the attention part of a layer adds to the hidden state ``x`` (R, dim).

        A query is rotated twice: to its position for the window (near), to the capped one for the sinks (far).
        """
        spec, name, count = self._model.spec, f"layers.{layer}.", len(x)
        q, k, v = self._multiply(self._normed(x, name + "attn_norm"), *(name + product for product in BIASED))
        if spec.biased:
            biases = (self._model.biases[f"{name}{product}_bias"] for product in BIASED)
            q, k, v = (residual_add(y, bias) for y, bias in zip((q, k, v), biases, strict=True))
        positions = np.arange(self.position, self.position + count)
        rotated = layer not in spec.unrotated

        def heads(y, *group):
            return y.reshape(count, spec.kv_heads, *group, spec.head_dim).swapaxes(0, 1)

        queries, keys = heads(q, spec.group), heads(k)
        if spec.head_norms:
            queries = rms_norm(queries, self._model.norms[name + "q_norm"])
            keys = rms_norm(keys, self._model.norms[name + "k_norm"])
        near = quantise(self._rotate(queries, positions) if rotated else queries)
        far = near
        if rotated and self.rule.capped(positions[-1]):
            far = quantise(self._rotate(queries, self.rule.sink_position(positions)))
        keys = QuantisedVectors(*kv_quantise(self._rotate(keys, positions) if rotated else keys))
        values = QuantisedVectors(*kv_quantise(heads(v)))
        mixed = np.empty(queries.shape, np.int64)
        for first in range(0, count, _TOGETHER):
            part = slice(first, first + _TOGETHER)
            met = [(q[:, part], step[:, part]) for q, step in (far, near)]
            mixed[:, part] = self._attend(layer, positions[part], met, keys[part], values[part])
        return self._multiply(quantise(mixed.swapaxes(0, 1).reshape(count, -1)), name + "attn_o")[0]

    def _rotate(self, x, positions):
        """``x`` (heads, R, …, head_dim) with each of the R tokens rotated to its position."""
        angles = cosine_sine(positions, self._increments)
        return rope(x, *(part.reshape(len(positions), *[1] * (x.ndim - 3), -1) for part in angles))

    def _attend(self, layer, positions, queries, keys, values):
        """Attention outputs (kv_heads, R, group, head_dim) of R tokens. Their own keys and values enter the cache.

        ``queries``: for the sinks, then for the window, int8 (kv_heads, R, group, head_dim) and their steps.
        Scores are computed with every token that one of the R attends to. A mask then takes out what one does not.
        """
        key_cache, value_cache = self._caches[layer]
        held = self.rule.held(positions[0])
        slots = np.flatnonzero(self.rule.meets(positions[0], held))  # the others meet no more of these
        met = self.rule.meets(positions[:, None], np.concatenate([held[slots], positions]))
        scores = self._scores(queries, key_cache[slots].followed_by(keys), self.rule.capped(positions[-1]))
        mixed = self._mix(np.where(met[:, None], scores, _UNMET), value_cache[slots].followed_by(values))
        for cache, tokens in ((key_cache, keys), (value_cache, values)):
            cache[self.rule.slot(positions)] = tokens
        return mixed

    def _scores(self, rotated, keys, capped):
        """Scores (kv_heads, R, group, tokens) of the queries with ``keys``, of which the sinks' come first.

        If positions are ``capped``, the sinks have a rotation of the queries of their own.
        """
        parts = [(*rotated[1], keys)]
        if capped:
            parts = [(*rotated[0], keys[: self.rule.sinks]), (*rotated[1], keys[self.rule.sinks :])]
        heads = range(len(keys.values))
        operations = [
            Operation("qk", part.values[head], queries[head].reshape(-1, queries.shape[-1]))
            for queries, _, part in parts
            for head in heads
        ]
        dots = self._execute(operations)
        scores = []
        for index, (queries, step, part) in enumerate(parts):
            sums = np.stack(dots[index * len(heads) : (index + 1) * len(heads)]).reshape(*step.mantissa.shape, -1)
            zero, key_step = part.zero[:, None], part.step[:, None]
            scores.append(attention_scores(sums, queries, step, zero, key_step, self._constant))
        return scores[0] if len(scores) == 1 else np.concatenate(scores, axis=-1)

    def _mix(self, scores, values):
        """Attention outputs (kv_heads, R, group, head_dim): ``values`` weighted by the softmax of ``scores``."""
        value_step = values.step[:, None]
        bound = value_bound(scores, value_step[..., None, :]).max(-1)
        reference, places = softmax_reference(scores.max(-1), bound)
        p, total = softmax(scores, reference)
        probs = value_probs(p, value_step, places)
        operations = [
            Operation("pv", part, prob.reshape(-1, prob.shape[-1]))
            for part, prob in zip(values.values, probs, strict=True)
        ]
        sums = np.stack(self._execute(operations)).reshape(*total.shape, -1)
        return attention_output(sums, probs, places, values.zero[:, None], total)
