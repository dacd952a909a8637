"""Tiny models of every family with random weights, made by numpy alone: the same bytes on every machine.

``VARIANTS`` holds their config.json as `transformers` reads it; norms and biases are random as well, as fresh ones of 0
and 1 would hide mistakes. write_directory() and write_gguf() store a variant in either format.
"""

import json
import zlib
from pathlib import Path

import gguf
import numpy as np
import tokenizers
from safetensors.numpy import save_file

VOCAB, DIM, LAYERS, FFN = 331, 96, 3, 160
HEADS, KV_HEADS, HEAD_DIM = 4, 2, 32
TOKENS = np.random.default_rng(5).integers(0, VOCAB, 48)  #: that the models are compared on
SHOWN = slice(-8, None)  #: of them, whose logits are kept
LOGITS = Path(__file__).parent / "logits.npz"  #: of `transformers`, by make_logits.py


def _config(family, **changes):
    """config.json of ``family`` with ``changes``."""
    base = {
        "model_type": family, "vocab_size": VOCAB, "hidden_size": DIM, "intermediate_size": FFN, "hidden_act": "silu",
        "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "num_key_value_heads": KV_HEADS,
        "head_dim": HEAD_DIM, "max_position_embeddings": 128, "rms_norm_eps": 1e-5, "tie_word_embeddings": False,
        "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0}, "bos_token_id": 1, "eos_token_id": 2,
        "pad_token_id": 0,
    }  # fmt: skip
    if family == "phi3":  # whose heads share the width of the hidden state
        base |= {"hidden_size": HEADS * HEAD_DIM, "head_dim": None}
    return base | changes


def _rope(kind, **values):
    return {"rope_type": kind, "rope_theta": 10000.0} | values


_LLAMA3 = {"factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 32}
_YARN = {"factor": 4.0, "original_max_position_embeddings": 32}
_LONG = {
    "short_factor": np.linspace(1, 2, HEAD_DIM // 2).round(3).tolist(),
    "long_factor": np.linspace(1, 6, HEAD_DIM // 2).round(3).tolist(),
}
_GRANITE = {
    "embedding_multiplier": 6.0, "attention_multiplier": 0.11, "residual_multiplier": 0.22, "logits_scaling": 3.0,
}  # fmt: skip

#: config.json by name.
VARIANTS = {
    "llama": _config("llama"),
    "llama-tied-mha": _config("llama", tie_word_embeddings=True, num_key_value_heads=HEADS),
    "llama-head-24": _config("llama", head_dim=24),
    "llama-head-80": _config("llama", head_dim=80, num_attention_heads=2, num_key_value_heads=1),
    "llama-linear": _config("llama", rope_parameters=_rope("linear", factor=4.0)),
    "llama-llama3": _config("llama", rope_parameters=_rope("llama3", **_LLAMA3)),
    "llama-yarn": _config("llama", rope_parameters=_rope("yarn", **_YARN)),
    "mistral": _config("mistral", sliding_window=None),
    "mistral-window": _config("mistral", sliding_window=11),
    "qwen2": _config("qwen2"),
    "qwen2-window": _config("qwen2", use_sliding_window=True, sliding_window=9, max_window_layers=0),
    "qwen3": _config("qwen3", tie_word_embeddings=True),
    "qwen3-yarn": _config("qwen3", rope_parameters=_rope("yarn", **_YARN)),
    "smollm3": _config("smollm3", num_hidden_layers=5, tie_word_embeddings=True),
    "smollm3-yarn": _config("smollm3", num_hidden_layers=5, rope_parameters=_rope("yarn", **_YARN)),
    "granite": _config("granite", **_GRANITE),
    "granite-tied": _config("granite", tie_word_embeddings=True, **_GRANITE),
    "phi3": _config("phi3"),
    "phi3-window": _config("phi3", sliding_window=13),
    "phi3-partial": _config("phi3", rope_parameters=_rope("default", partial_rotary_factor=0.5)),
    "phi3-short": _config("phi3", original_max_position_embeddings=64, rope_parameters=_rope("longrope", **_LONG)),
    "phi3-long": _config("phi3", original_max_position_embeddings=32, rope_parameters=_rope("longrope", **_LONG)),
}


def tensors(name):
    """``{name in transformers: float32 array}`` of variant ``name``."""
    config = VARIANTS[name]
    family, dim, ffn = config["model_type"], config["hidden_size"], config["intermediate_size"]
    heads, kv_heads, width = (
        config["num_attention_heads"],
        config["num_key_value_heads"],
        config["head_dim"] or HEAD_DIM,
    )
    q, k = heads * width, kv_heads * width
    shapes = {"model.embed_tokens.weight": (VOCAB, dim), "model.norm.weight": (dim,)}
    if not config["tie_word_embeddings"]:
        shapes["lm_head.weight"] = (VOCAB, dim)
    for layer in range(config["num_hidden_layers"]):
        prefix = f"model.layers.{layer}."
        parts = {"input_layernorm.weight": (dim,), "post_attention_layernorm.weight": (dim,)}
        if family == "phi3":
            parts |= {"self_attn.qkv_proj.weight": (q + 2 * k, dim), "mlp.gate_up_proj.weight": (2 * ffn, dim)}
        else:
            parts |= {"mlp.gate_proj.weight": (ffn, dim), "mlp.up_proj.weight": (ffn, dim)}
            for part, rows in (("q", q), ("k", k), ("v", k)):
                parts[f"self_attn.{part}_proj.weight"] = (rows, dim)
                if family == "qwen2":
                    parts[f"self_attn.{part}_proj.bias"] = (rows,)
        if family == "qwen3":
            parts |= {"self_attn.q_norm.weight": (width,), "self_attn.k_norm.weight": (width,)}
        parts |= {"self_attn.o_proj.weight": (dim, q), "mlp.down_proj.weight": (dim, ffn)}
        shapes |= {prefix + part: shape for part, shape in parts.items()}
    return {tensor: _random(tensor, shape) for tensor, shape in shapes.items()}


def _random(name, shape):
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    if name.endswith("bias"):
        return rng.normal(size=shape).astype(np.float32)
    if len(shape) == 1:
        return (1 + 0.4 * rng.normal(size=shape)).astype(np.float32)
    spread = 1.0 if "embed" in name else 0.9 / np.sqrt(shape[1])
    return (rng.normal(size=shape) * spread).astype(np.float32)


def tokenizer():
    """A tokenizer of VOCAB tokens: the bytes' letters, one pair, then whatever fills it."""
    letters = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {letter: index for index, letter in enumerate(letters)}
    vocabulary["ab"] = len(letters)
    vocabulary |= {f"filler{index}": index for index in range(len(letters) + 1, VOCAB)}
    found = tokenizers.Tokenizer(tokenizers.models.BPE(vocab=vocabulary, merges=[("a", "b")]))
    found.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    found.decoder = tokenizers.decoders.ByteLevel()
    return found


def write_directory(name, directory, store=lambda array: array):
    """Variant ``name`` as the Hugging Face directory ``directory`` (Path); ``store`` converts what is saved."""
    directory.mkdir(parents=True, exist_ok=True)
    known = {key: value for key, value in VARIANTS[name].items() if value is not None}
    (directory / "config.json").write_text(json.dumps(known))
    tokenizer().save(str(directory / "tokenizer.json"))
    save_file({tensor: store(array) for tensor, array in tensors(name).items()}, directory / "model.safetensors")
    return directory


def write_gguf(name, path):
    """Variant ``name`` as the GGUF file that llama.cpp's converter would make of it."""
    config = VARIANTS[name]
    family = {"mistral": "llama"}.get(config["model_type"], config["model_type"])
    writer = gguf.GGUFWriter(path, family)
    for key, value in _metadata(config).items():
        {int: writer.add_uint32, float: writer.add_float32, str: writer.add_string}[type(value)](
            f"{family}.{key}", value
        )
    letters = sorted(tokenizer().get_vocab().items(), key=lambda item: item[1])
    writer.add_string("tokenizer.ggml.model", "gpt2")
    writer.add_string("tokenizer.ggml.pre", "gpt-2")
    writer.add_array("tokenizer.ggml.tokens", [letter for letter, _ in letters])
    writer.add_array("tokenizer.ggml.merges", ["a b"])
    for tensor, array in _gguf_tensors(name, config, family).items():
        writer.add_tensor(tensor, array)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _metadata(config):
    rope = config["rope_parameters"]
    width = config["head_dim"] or HEAD_DIM
    values = {
        "vocab_size": VOCAB, "block_count": config["num_hidden_layers"], "embedding_length": config["hidden_size"],
        "context_length": config["max_position_embeddings"], "feed_forward_length": config["intermediate_size"],
        "attention.head_count": config["num_attention_heads"],
        "attention.head_count_kv": config["num_key_value_heads"], "attention.key_length": width,
        "attention.value_length": width, "attention.layer_norm_rms_epsilon": config["rms_norm_eps"],
        "rope.freq_base": rope["rope_theta"],
        "rope.dimension_count": int(width * rope.get("partial_rotary_factor", 1)),
    }  # fmt: skip
    if config.get("sliding_window") and config.get("use_sliding_window", True):
        values["attention.sliding_window"] = config["sliding_window"]
    for key, name in (("embedding_multiplier", "embedding_scale"), ("attention_multiplier", "attention.scale"),
                      ("residual_multiplier", "residual_scale"), ("logits_scaling", "logit_scale")):  # fmt: skip
        if key in config:
            values[name] = config[key]
    if rope["rope_type"] in ("linear", "yarn"):
        values |= {"rope.scaling.type": rope["rope_type"], "rope.scaling.factor": rope["factor"]}
    if rope["rope_type"] == "yarn":
        values["rope.scaling.original_context_length"] = rope["original_max_position_embeddings"]
    if rope["rope_type"] == "longrope":
        original = config["original_max_position_embeddings"]
        factor = config["max_position_embeddings"] / original
        values["rope.scaling.original_context_length"] = original
        values["rope.scaling.attn_factor"] = float(np.sqrt(1 + np.log(factor) / np.log(original)))
    return values


def _gguf_tensors(name, config, family):
    names = {
        "model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight",
        "lm_head.weight": "output.weight",
    }  # fmt: skip
    parts = {
        "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm", "self_attn.q_proj": "attn_q",
        "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "self_attn.q_norm": "attn_q_norm",
        "self_attn.k_norm": "attn_k_norm", "self_attn.o_proj": "attn_output", "self_attn.qkv_proj": "attn_qkv",
        "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.gate_up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
    }  # fmt: skip
    found = {}
    for tensor, array in tensors(name).items():
        if tensor in names:
            found[names[tensor]] = array
            continue
        _, _, layer, part = tensor.split(".", 3)
        part, ending = part.rsplit(".", 1)
        if part in ("self_attn.q_proj", "self_attn.k_proj") and family in ("llama", "granite", "smollm3"):
            halves = array.reshape(-1, 2, config["head_dim"] // 2, *array.shape[1:])  # as the converter permutes them
            array = np.ascontiguousarray(halves.swapaxes(1, 2).reshape(array.shape))
        found[f"blk.{layer}.{parts[part]}.{ending}"] = array
    rope = config["rope_parameters"]
    if rope["rope_type"] == "llama3":
        found["rope_freqs.weight"] = _llama3_divisors(rope, HEAD_DIM)
    if rope["rope_type"] == "longrope":
        found["rope_factors_long.weight"] = np.array(rope["long_factor"], np.float32)
        found["rope_factors_short.weight"] = np.array(rope["short_factor"], np.float32)
    return found


def _llama3_divisors(rope, width):
    """What llama.cpp's converter writes for ``llama3``, written as there: wave by wave."""
    low = rope["original_max_position_embeddings"] / rope["low_freq_factor"]
    high = rope["original_max_position_embeddings"] / rope["high_freq_factor"]
    divisors = []
    for pair in range(width // 2):
        wave = 2 * np.pi * rope["rope_theta"] ** (2 * pair / width)
        if wave < high:
            divisors.append(1.0)
        elif wave > low:
            divisors.append(rope["factor"])
        else:
            smooth = (rope["original_max_position_embeddings"] / wave - rope["low_freq_factor"]) / (
                rope["high_freq_factor"] - rope["low_freq_factor"]
            )
            divisors.append(1 / ((1 - smooth) / rope["factor"] + smooth))
    return np.array(divisors, np.float32)
