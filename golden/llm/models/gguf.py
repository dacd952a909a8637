"""Models in GGUF files: llama.cpp's names for metadata and tensors."""

import os

import numpy as np

from golden.errors import InputError
from golden.llm.models.assemble import assemble, family_of, outlined
from golden.llm.models.checkpoint import LAYER, Checkpoint
from golden.llm.models.constants import Constants
from golden.llm.models.gguf_file import GgufFile
from golden.llm.models.gguf_tokenizer import gguf_tokenizer
from golden.llm.models.rope_scaling import yarn_magnitude

_LAYER_NAMES = {
    "attn_norm": "attn_norm.weight",
    "attn_q": "attn_q.weight",
    "attn_k": "attn_k.weight",
    "attn_v": "attn_v.weight",
    "attn_q_bias": "attn_q.bias",
    "attn_k_bias": "attn_k.bias",
    "attn_v_bias": "attn_v.bias",
    "q_norm": "attn_q_norm.weight",
    "k_norm": "attn_k_norm.weight",
    "attn_o": "attn_output.weight",
    "ffn_norm": "ffn_norm.weight",
    "ffn_gate": "ffn_gate.weight",
    "ffn_up": "ffn_up.weight",
    "ffn_down": "ffn_down.weight",
}
_FUSED_NAMES = {"attn_qkv": "attn_qkv.weight", "attn_qkv_bias": "attn_qkv.bias", "ffn_gate_up": "ffn_up.weight"}
_OTHER_NAMES = {"embedding": "token_embd.weight", "final_norm": "output_norm.weight", "head": "output.weight"}
#: Of RoPE's frequencies.
_TABLES = {
    "divisors": "rope_freqs.weight",
    "long_factor": "rope_factors_long.weight",
    "short_factor": "rope_factors_short.weight",
}
#: The key after the architecture: the constant's name as `transformers` has it.
_KEYS = {
    "vocab_size": "vocab_size",
    "block_count": "num_hidden_layers",
    "context_length": "max_position_embeddings",
    "embedding_length": "hidden_size",
    "feed_forward_length": "intermediate_size",
    "attention.head_count": "num_attention_heads",
    "attention.head_count_kv": "num_key_value_heads",
    "attention.key_length": "head_dim",
    "attention.value_length": "value_dim",
    "attention.layer_norm_rms_epsilon": "rms_norm_eps",
    "attention.sliding_window": "sliding_window",
    "attention.scale": "attention_multiplier",
    "embedding_scale": "embedding_multiplier",
    "residual_scale": "residual_multiplier",
    "logit_scale": "logits_scaling",
    "rope.dimension_count": "rotary_dims",
}
_ROPE_KEYS = {
    "rope.freq_base": "rope_theta",
    "rope.scaling.type": "rope_type",
    "rope.scaling.factor": "factor",
    "rope.scaling.original_context_length": "original_max_position_embeddings",
    "rope.scaling.attn_factor": "attention_factor",
    "rope.scaling.yarn_beta_fast": "beta_fast",
    "rope.scaling.yarn_beta_slow": "beta_slow",
}
#: Values that change nothing, after the architecture.
_NEUTRAL = {
    "attention.causal": (True,),
    "attention.scale": (0.0,),  # which says that there is none, as of the three below
    "embedding_scale": (0.0,),
    "residual_scale": (0.0,),
    "logit_scale": (0.0,),
    "expert_count": (0,),
    "expert_used_count": (0,),
    "rope.scale_linear": (1.0,),
    "rope.scaling.yarn_ext_factor": (1.0, -1.0),
    "rope.scaling.yarn_attn_factor": (1.0,),
    "rope.scaling.yarn_log_multiplier": (0.0, float(np.float32(0.1))),
    "use_parallel_residual": (False,),
}
_HARMLESS = ("rope.scaling.finetuned", "tensor_data_layout")


def load_gguf(path):
    """The model in the GGUF file ``path``, or in all the files that it is the one part of, as a FloatModel; tensors
    stay in the file until fetched.

    Raises InputError for a malformed file, an architecture that is none of models.families, metadata and tensors
    that are not understood, and what gguf_tokenizer() refuses.
    """
    path = os.fspath(path)
    file = GgufFile(path)
    return assemble(_checkpoint(path, file), gguf_tokenizer(path, file.metadata))


def outline_gguf(path):
    """The Outline of the model in the GGUF file ``path``. Raises InputError as load_gguf() does, but for tokenizers."""
    path = os.fspath(path)
    return outlined(_checkpoint(path, GgufFile(path)))


def _checkpoint(path, file):
    metadata = file.metadata
    family = family_of(path, metadata.get("general.architecture"))
    if metadata.get("general.type", "model") != "model":
        raise InputError(f"{path}: it holds not a model but a {metadata['general.type']!r}")
    tables = {key: file.tensor(name).ravel() for key, name in _TABLES.items() if name in file.shapes}
    stored = {}
    for tensor, name in _OTHER_NAMES.items():
        stored[tensor] = name
    names = _LAYER_NAMES | (_FUSED_NAMES if family.fused else {})
    if family.fused:
        del names["ffn_up"]
    layers = metadata.get(f"{family.name}.block_count")
    for layer in range(layers if isinstance(layers, int) and 0 < layers < 1 << 10 else 0):
        for tensor, name in names.items():
            stored[LAYER.format(layer) + tensor] = f"blk.{layer}.{name}"
    known = {name: tensor for tensor, name in stored.items()}
    return Checkpoint(
        path=path,
        name=str(metadata.get("general.name", "gguf"))[:200],
        family=family.name,
        constants=_constants(path, family.name, metadata, tables),
        shapes={known[name]: shape for name, shape in file.shapes.items() if name in known},
        stored=stored,
        unknown=[name for name in file.shapes if name not in known and name not in _TABLES.values()],
        types=file.types,
        fetch=lambda tensor: file.tensor(stored[tensor]),
        interleaved=family.interleaved,
    )


def _constants(path, family, metadata, tables):
    """The Constants in ``metadata``; ``tables`` of RoPE's factors come from tensors."""
    values, rope = {}, {}
    labels = {name: f"{family}.{key}" for key, name in _KEYS.items()}
    labels |= {f"rope_parameters.{name}": f"{family}.{key}" for key, name in _ROPE_KEYS.items()}
    for key, value in metadata.items():
        if not key.startswith(f"{family}."):
            continue  # of the file, the tokenizer, or whoever made the file
        short = key[len(family) + 1 :]
        if isinstance(value, np.ndarray):
            value = _common(path, key, value, metadata.get(f"{family}.block_count"))
        if short in _ROPE_KEYS:
            rope[_ROPE_KEYS[short]] = value
        elif short not in _HARMLESS and value not in _NEUTRAL.get(short, ()):
            values[_KEYS.get(short, key)] = value
    linear = values.pop(f"{family}.rope.scale_linear", None)
    if linear is not None:
        labels["rope_parameters.factor"] = f"{family}.rope.scale_linear"
        if rope.setdefault("factor", linear) != linear or rope.get("rope_type", "linear") != "linear":
            raise InputError(f"{path}: {family}.rope.scale_linear = {linear} contradicts the other scaling of RoPE")
    if rope.get("rope_type") == "none":
        rope |= {"rope_type": "default", "factor": None}
    if tables:
        kind = "divisors" if "divisors" in tables else "longrope"
        if rope.get("rope_type", kind) not in (kind, "default"):
            raise InputError(f"{path}: RoPE is scaled by {rope['rope_type']!r} and by a table at once")
        rope |= {"rope_type": kind} | {key: [float(value) for value in table] for key, table in tables.items()}
    _follow_llama_cpp(values, rope)
    return Constants(path, values | {"rope_parameters": rope}, labels)


def _follow_llama_cpp(values, rope):
    """Defaults of llama.cpp where they are not those of `transformers`."""
    values["use_sliding_window"] = True  # where there is one
    kind, original, attention = rope.get("rope_type"), "original_max_position_embeddings", rope.get("attention_factor")
    if kind in ("yarn", "longrope"):
        rope.setdefault(original, values.get("max_position_embeddings"))
    else:
        rope.pop(original, None)  # which only those use
        if attention == 1.0:
            del rope["attention_factor"]
    if kind == "longrope":  # whose factor the file has, or there is none
        rope.setdefault("attention_factor", 1.0)
    elif kind == "yarn" and isinstance(attention, float):  # on top of YaRN's own
        factor = rope.get("factor")
        rope["attention_factor"] = attention * yarn_magnitude(factor if isinstance(factor, float) else 1.0)


def _common(path, key, values, layers):
    """The one value of an array with a value for each of ``layers``."""
    if values.size != layers:
        raise InputError(f"{path}: {key} has {values.size} values for {layers} layers")
    if values.size == 0 or (values != values[0]).any():
        raise InputError(f"{path}: {key} differs from layer to layer, which is not supported")
    return values[0].item()
