"""From a checkpoint of any family to a FloatModel: what families differ in is folded into tensors as they are read.

* Rows of queries and keys are put so that RoPE acts on neighbours (2i, 2i+1).
* A fused tensor is cut.
* The score's scale and RoPE's attention factor, which multiplies queries and keys, become factors of the queries, or
  of their norm. Multipliers become factors of the embedding, of what is added to the hidden state, and of the last
  norm. All of that is exact but for the rounding of a float32.
* Heads are padded with zeros to a multiple of HEAD_STEP, which is what the hardware takes: a padded query element is 0,
  so no score changes; a padded value meets a weight of 0. A padded pair does not turn.
"""

import dataclasses
import math

import numpy as np

from golden.errors import InputError
from golden.llm.models.families import FAMILIES
from golden.llm.models.float_model import FloatModel
from golden.llm.models.outline import Outline
from golden.llm.models.rope_scaling import rope
from golden.spec import BIASED, HEAD_NORMS, ModelSpec

HEAD_STEP = 32
_FUSED = {"attn_qkv": BIASED, "ffn_gate_up": ("ffn_gate", "ffn_up")}
_ROTATED = ("attn_q", "attn_k", "attn_q_bias", "attn_k_bias", *HEAD_NORMS)
#: What files say that changes no logit: training, bookkeeping, and what the tokenizer reads.
_HARMLESS = frozenset((
    "architectures", "attention_dropout", "auto_map", "bos_token_id", "chunk_size_feed_forward", "dtype",
    "embd_pdrop", "eos_token_id", "id2label", "initializer_range", "is_encoder_decoder", "is_llama_config",
    "label2id", "max_sequence_length", "model_type", "original_max_position_embeddings", "output_attentions",
    "output_hidden_states", "pad_token_id", "pretraining_tp", "problem_type", "resid_pdrop", "return_dict",
    "task_specific_params", "tokenizer_class", "torch_dtype", "transformers.js_config", "transformers_version",
    "unk_token_id", "unsloth_fixed", "unsloth_version", "use_cache", "_attn_implementation",
    "_attn_implementation_autoset", "_flash_attn_2_enabled", "_name_or_path",
))  # fmt: skip

#: Values with which a key changes no logit.
_NEUTRAL = {
    "hidden_act": "silu", "mlp_bias": False, "lm_head_bias": False, "rope_interleaved": False, "full_attn_mod": 1,
    "interpolate_factor": 1,
}  # fmt: skip


def family_of(path, name):
    """The Family called ``name``. Raises InputError, for the file ``path``, if there is none."""
    if not isinstance(name, str) or name not in FAMILIES:
        raise InputError(f"{path}: architecture {name!r} is not supported; {', '.join(FAMILIES)} are")
    return FAMILIES[name]


def assemble(checkpoint, tokenizer):
    """The FloatModel of a Checkpoint and its Tokenizer.

    Raises InputError, naming it, for a constant or a tensor that is missing, of another shape, or not understood.
    """
    plan = _Plan(checkpoint)
    plan.check_head()
    return FloatModel(plan.spec, tokenizer, plan.tensor)


def outlined(checkpoint):
    """The Outline of a Checkpoint. Raises InputError as assemble() does, but for tensors if there are none."""
    plan = _Plan(checkpoint)
    return Outline(plan.spec, plan.head_dim, checkpoint.types)


class _Plan:
    """``spec`` of the model, and how each of its tensors comes out of ``checkpoint``."""

    def __init__(self, checkpoint):
        self._checkpoint = checkpoint
        self._family = family_of(checkpoint.path, checkpoint.family)
        constants = checkpoint.constants
        heads, dim = constants.positive("num_attention_heads"), constants.positive("hidden_size")
        kv_heads, layers = constants.positive("num_key_value_heads", heads), constants.positive("num_hidden_layers")
        head_dim = constants.positive("head_dim", max(1, dim // heads))
        constants.expect("value_dim", head_dim)
        self._variant = self._family.variant(constants, layers)
        self._rotary = self._rotary_dims(head_dim)
        context = constants.positive("max_position_embeddings")
        self._rope = rope(constants.within("rope_parameters"), self._rotary, context)
        vocab = self._vocab()
        for key, neutral in _NEUTRAL.items():
            constants.expect(key, neutral)
        self._plain = ModelSpec(
            name=checkpoint.name,
            vocab=vocab,
            dim=dim,
            layers=layers,
            heads=heads,
            kv_heads=kv_heads,
            head_dim=head_dim,
            ffn=constants.positive("intermediate_size"),
            context=context,
            eps=constants.take("rms_norm_eps", float),
            rope_base=1.0,
            tied=self._tied(),
            window=self._window(layers),
            unrotated=self._variant.unrotated,
            biased=self._biased(),
            head_norms=self._family.head_norms,
            family=self._family.name,
        )
        constants.refuse_unused(_HARMLESS)
        width = -(-head_dim // HEAD_STEP) * HEAD_STEP
        if self._plain.head_norms and width != head_dim:
            raise InputError(f"{checkpoint.path}: heads of {head_dim} that are normed cannot be padded to {width}")
        self.spec = self._with_frequencies(dataclasses.replace(self._plain, head_dim=width))
        if checkpoint.shapes is not None:
            self._check_tensors()

    @property
    def head_dim(self):
        """Elements of a head in the checkpoint."""
        return self._plain.head_dim

    def check_head(self):
        """Raise InputError for a tied head beside the embedding that differs: programs disagree on which one counts."""
        found = self._checkpoint
        if self._plain.tied and "head" in found.shapes:
            embedding, head = found.fetch("embedding"), found.fetch("head")
            if not np.array_equal(embedding, head):
                raise InputError(
                    f"{found.path}: the embedding is the head (tie_word_embeddings), but {found.stored['head']} differs"
                )

    def tensor(self, name):
        """Tensor ``name`` of ``spec.tensors`` as float32."""
        plain, spec = self._plain, self.spec
        layer, part = name.split(".")[1:] if "." in name else (None, name)
        values = self._read(name)
        if part in _ROTATED and not self._checkpoint.interleaved:
            values = self._interleaved(values)
        if part in _ROTATED or part in ("attn_v", "attn_v_bias"):
            values = _padded(values, 0, plain.head_dim, spec.head_dim)
        elif part == "attn_o":
            values = _padded(values, 1, plain.head_dim, spec.head_dim)
        factor = self._factor(part, layer)
        if np.ndim(factor):  # of every element of a head
            factor = np.tile(factor, len(values) // len(factor)).reshape(-1, *[1] * (values.ndim - 1))
        return values if np.all(factor == 1) else (values * factor).astype(np.float32)

    def _rotary_dims(self, head_dim):
        """Elements of a head that RoPE turns: the first ones."""
        constants = self._checkpoint.constants
        fraction = constants.take("partial_rotary_factor", float, 1.0)
        if not self._family.partial:
            constants.expect("partial_rotary_factor", 1.0)
        dims = constants.positive("rotary_dims", int(head_dim * fraction) if 0 < fraction <= 1 else 0)
        if dims % 2 or not 2 <= dims <= head_dim:
            raise InputError(
                f"{self._checkpoint.path}: RoPE turns {dims} elements of a head, not 2 to {head_dim}, even"
            )
        return dims

    def _vocab(self):
        """Tokens: rows of the embedding."""
        constants, shapes = self._checkpoint.constants, self._checkpoint.shapes
        if shapes is None:
            return constants.positive("vocab_size")
        vocab = shapes.get("embedding", (0,))[0]
        constants.expect("vocab_size", vocab)
        return vocab

    def _biased(self):
        """Whether queries, keys and values have biases."""
        shapes, constants = self._checkpoint.shapes, self._checkpoint.constants
        if shapes is None:
            constants.expect("attention_bias", False, self._family.biased)  # a family that has them asks nobody
            return self._family.biased
        found = any(f"layers.0.{name}_bias" in shapes for name in (*BIASED, "attn_qkv"))
        stated = constants.take("attention_bias", bool, found)
        if found and not stated and not self._family.biased:
            raise InputError(f"{constants.path}: attention_bias is not true, but queries, keys and values have biases")
        return found

    def _tied(self):
        """Whether the embedding is the head: as the file says, or else where there is no other."""
        shapes = self._checkpoint.shapes
        missing = self._family.tied if shapes is None else "head" not in shapes
        return self._checkpoint.constants.take("tie_word_embeddings", bool, missing)

    def _window(self, layers):
        """The sliding window of all layers, or None."""
        constants = self._checkpoint.constants
        window = constants.take("sliding_window", int, None)
        used = constants.take("use_sliding_window", bool, not self._family.window_switch)
        first = constants.take("max_window_layers", int, 0)
        kinds = constants.take("layer_types", list, [])
        if kinds:
            sliding = {kind == "sliding_attention" for kind in kinds}
            if len(kinds) != layers or not set(kinds) <= {"sliding_attention", "full_attention"} or len(sliding) > 1:
                raise constants.refusal("layer_types")
            return window if sliding == {True} else None
        if window is None or window == 0 or not used or (self._family.window_switch and first >= layers):
            return None
        if self._family.window_switch and first > 0:
            raise constants.refusal("max_window_layers")
        return window

    def _with_frequencies(self, spec):
        """``spec`` with RoPE's base, and factors where the frequencies are others than follow from it."""
        spec = dataclasses.replace(spec, rope_base=self._rope.base)
        plain = spec.frequencies(0)

        def factors(frequencies):
            factors = np.zeros(len(plain))
            factors[: len(frequencies)] = frequencies / plain[: len(frequencies)]
            return () if (factors == 1).all() else tuple(factors.tolist())

        long = self._rope.long_frequencies
        return dataclasses.replace(
            spec,
            rope_factors=factors(self._rope.frequencies),
            long_rope_factors=() if long is None else factors(long),
            rope_context=self._rope.context,
        )

    def _check_tensors(self):
        """Raise InputError unless the checkpoint has exactly the model's tensors."""
        found = self._checkpoint
        expected = {self._source(name)[0]: None for name in self._plain.tensors}
        for name in expected:
            shape = self._stored_shape(name)
            if found.shapes.get(name) != shape:
                is_there = found.shapes.get(name, "missing")
                raise InputError(f"{found.path}: tensor {found.stored[name]} is {is_there}, it should be {shape}")
        more = [found.stored[name] for name in found.shapes if name not in expected and not self._spare(name)]
        if found.unknown or more:
            name = min([*found.unknown, *more])
            raise InputError(f"{found.path}: tensor {name} is not part of a model of the family {self._family.name}")

    def _spare(self, name):
        """A head beside an embedding that serves as one."""
        return name == "head" and self._plain.tied

    def _source(self, name):
        """``(tensor of the checkpoint, the tensors that lie in it)`` for tensor ``name``."""
        prefix, _, part = name.rpartition(".")
        part, bias = part.removesuffix("_bias"), part[len(part.removesuffix("_bias")) :]
        if self._family.fused:
            for fused, parts in _FUSED.items():
                if part in parts:
                    return f"{prefix}.{fused}{bias}", [f"{prefix}.{p}{bias}" for p in parts]
        return name, [name]

    def _stored_shape(self, source):
        """The shape that tensor ``source`` of the checkpoint should have."""
        parts = next(parts for name in self._plain.tensors for found, parts in [self._source(name)] if found == source)
        shapes = [self._plain.tensors[part] for part in parts]
        return (sum(shape[0] for shape in shapes), *shapes[0][1:])

    def _read(self, name):
        """The values of tensor ``name``, cut out of the checkpoint's."""
        source, parts = self._source(name)
        values = self._checkpoint.fetch(source)
        first = 0
        for part in parts[: parts.index(name)]:
            first += self._plain.tensors[part][0]
        return values[first : first + self._plain.tensors[name][0]]

    def _interleaved(self, values):
        """``values`` with the halves of what RoPE turns of every head put side by side."""
        heads = values.reshape(-1, self._plain.head_dim, *values.shape[1:]).copy()
        turned = heads[:, : self._rotary]
        halves = turned.reshape(len(heads), 2, self._rotary // 2, *values.shape[1:])
        heads[:, : self._rotary] = halves.swapaxes(1, 2).reshape(turned.shape)
        return heads.reshape(values.shape)

    def _factor(self, part, layer):
        """What tensor ``part`` of ``layer`` is multiplied by: a number, or one for each element of a head."""
        variant, spec = self._variant, self.spec
        if part == ("q_norm" if spec.head_norms else "attn_q") or (part == "attn_q_bias" and not spec.head_norms):
            scale = 1 / math.sqrt(self._plain.head_dim) if variant.scale is None else variant.scale
            factor = np.full(spec.head_dim, scale * math.sqrt(spec.head_dim))
            if int(layer) not in spec.unrotated:
                factor[: self._rotary] *= self._rope.attention**2
            return factor
        if part == "embedding":
            return variant.embedding
        if part in ("attn_o", "ffn_down"):
            return variant.residual
        if part == "final_norm":
            return variant.logits / (variant.embedding if spec.tied else 1)
        return 1.0


def _padded(values, axis, size, width):
    """``values`` whose ``axis`` holds heads of ``size`` elements with zeros up to ``width``."""
    if size == width:
        return values
    moved = np.moveaxis(values, axis, 0)
    heads = moved.reshape(-1, size, *moved.shape[1:])
    padded = np.zeros((len(heads), width, *moved.shape[1:]), values.dtype)
    padded[:, :size] = heads
    return np.moveaxis(padded.reshape(-1, *moved.shape[1:]), 0, axis)
