"""Llama models in GGUF files.

GGUF stores attn_q and attn_k permuted so that RoPE acts on interleaved pairs, which is the convention here.
"""

from golden.errors import InputError
from golden.models.float_model import FloatModel
from golden.models.gguf_file import GgufFile
from golden.models.gguf_tokenizer import gguf_tokenizer
from golden.models.spec import ModelSpec

_LAYER_NAMES = {
    "attn_norm": "attn_norm",
    "attn_q": "attn_q",
    "attn_k": "attn_k",
    "attn_v": "attn_v",
    "attn_o": "attn_output",
    "ffn_norm": "ffn_norm",
    "ffn_gate": "ffn_gate",
    "ffn_up": "ffn_up",
    "ffn_down": "ffn_down",
}
_OTHER_NAMES = {"embedding": "token_embd.weight", "final_norm": "output_norm.weight", "head": "output.weight"}


def load_gguf(path):
    """The model in the GGUF file ``path`` as a FloatModel; tensors stay in the file until fetched.

    Raises InputError for a malformed file, another architecture than ``llama``, scaled RoPE, biases or other tensors
    that a plain Llama lacks, and for a tokenizer that gguf_tokenizer() refuses.
    """
    file = GgufFile(path)
    architecture = file.metadata.get("general.architecture")
    if architecture != "llama":
        raise InputError(f"{path}: architecture {architecture!r} is not supported (llama is)")
    spec = _spec(path, file)
    names = {name: _stored_name(name) for name in spec.tensors}
    for name, stored in names.items():
        if file.shapes.get(stored) != spec.tensors[name]:
            found = file.shapes.get(stored, "missing")
            raise InputError(f"{path}: tensor {stored} is {found}, it should be {spec.tensors[name]}")
    unknown = sorted(set(file.shapes) - set(names.values()))
    if unknown:
        raise InputError(f"{path}: tensor {unknown[0]} is not part of a plain Llama model")
    return FloatModel(spec, gguf_tokenizer(path, file.metadata), lambda name: file.tensor(names[name]))


def _stored_name(name):
    if name in _OTHER_NAMES:
        return _OTHER_NAMES[name]
    _, layer, part = name.split(".")
    return f"blk.{layer}.{_LAYER_NAMES[part]}.weight"


def _spec(path, file):
    metadata = file.metadata

    def value(key):
        if f"llama.{key}" not in metadata:
            raise InputError(f"{path}: the metadata lack llama.{key}")
        return metadata[f"llama.{key}"]

    if metadata.get("llama.rope.scaling.type", "none") != "none":
        raise InputError(f"{path}: scaled RoPE is not supported")
    embedding = file.shapes.get("token_embd.weight", (0,))
    heads, dim = value("attention.head_count"), value("embedding_length")
    if not all(isinstance(number, int) and number > 0 for number in (heads, dim)):
        raise InputError(f"{path}: embedding_length and head_count must be positive integers")
    head_dim = metadata.get("llama.attention.key_length", dim // heads)
    if metadata.get("llama.rope.dimension_count", head_dim) != head_dim:
        raise InputError(f"{path}: RoPE on part of a head is not supported")
    return ModelSpec(
        name=str(metadata.get("general.name", "gguf"))[:200],
        vocab=embedding[0],
        dim=dim,
        layers=value("block_count"),
        heads=heads,
        kv_heads=metadata.get("llama.attention.head_count_kv", heads),
        head_dim=head_dim,
        ffn=value("feed_forward_length"),
        context=value("context_length"),
        eps=value("attention.layer_norm_rms_epsilon"),
        rope_base=metadata.get("llama.rope.freq_base", 10000.0),
        tied="output.weight" not in file.shapes,
    )
