"""Models in Hugging Face directories: config.json and safetensors, with the names of `transformers`."""

import json
import os

from golden.errors import InputError
from golden.llm.models.assemble import assemble, family_of, outlined
from golden.llm.models.checkpoint import LAYER, Checkpoint
from golden.llm.models.constants import Constants
from golden.llm.models.exports import quantised_matrices
from golden.llm.models.hf_tokenizer import hf_tokenizer
from golden.llm.models.safetensors_file import FLOATS, SafetensorsFile

_LARGEST_JSON = 1 << 26
_INDEX = "model.safetensors.index.json"
_LAYER_NAMES = {
    "attn_norm": "input_layernorm.weight",
    "attn_q": "self_attn.q_proj.weight",
    "attn_k": "self_attn.k_proj.weight",
    "attn_v": "self_attn.v_proj.weight",
    "attn_qkv": "self_attn.qkv_proj.weight",
    "attn_q_bias": "self_attn.q_proj.bias",
    "attn_k_bias": "self_attn.k_proj.bias",
    "attn_v_bias": "self_attn.v_proj.bias",
    "attn_qkv_bias": "self_attn.qkv_proj.bias",
    "q_norm": "self_attn.q_norm.weight",
    "k_norm": "self_attn.k_norm.weight",
    "attn_o": "self_attn.o_proj.weight",
    "ffn_norm": "post_attention_layernorm.weight",
    "ffn_gate": "mlp.gate_proj.weight",
    "ffn_up": "mlp.up_proj.weight",
    "ffn_gate_up": "mlp.gate_up_proj.weight",
    "ffn_down": "mlp.down_proj.weight",
}
_OTHER_NAMES = {"embedding": "model.embed_tokens.weight", "final_norm": "model.norm.weight", "head": "lm_head.weight"}
_COMPUTED = "rotary_emb.inv_freq"  # ends names that old files hold and nobody reads


def load_hugging_face(directory):
    """The model in ``directory`` as a FloatModel; tensors stay in their files until fetched.

    Matrices of quantised exports (golden.llm.models.exports) are dequantised as they are fetched.

    Raises InputError for what is missing or malformed, a ``model_type`` that is none of models.families, keys
    of config.json and tensors that are not understood, and what hf_tokenizer() refuses.
    """
    directory = os.fspath(directory)
    return assemble(_checkpoint(directory, _files(directory)), hf_tokenizer(directory))


def outline_hugging_face(directory):
    """The Outline of the model in ``directory``, which need not have its tensors: config.json says enough.

    Raises InputError as load_hugging_face() does, but for tokenizers and files of tensors where there are none at all.
    """
    directory = os.fspath(directory)
    is_whole = any(name.endswith(".safetensors") for name in os.listdir(directory))
    return outlined(_checkpoint(directory, _files(directory) if is_whole else None))


def _checkpoint(directory, files):
    """The Checkpoint of config.json and ``files`` (SafetensorsFiles, or None for constants alone)."""
    path = os.path.join(directory, "config.json")
    config = read_json(path)
    family = family_of(path, config.get("model_type"))
    config = {"attention_bias": family.biased} | family.defaults | config
    quantisation = config.pop("quantization_config", None)
    holders = {name: file for file in files or () for name in file.shapes}
    stored = dict(_OTHER_NAMES)
    layers = config.get("num_hidden_layers")
    for layer in range(layers if isinstance(layers, int) and 0 < layers < 1 << 10 else 0):
        for tensor, name in _LAYER_NAMES.items():
            stored[LAYER.format(layer) + tensor] = f"model.layers.{layer}.{name}"
    known = {name: tensor for tensor, name in stored.items()}
    matrices, used = quantised_matrices(path, quantisation, holders, known) if quantisation and files else ({}, ())
    shapes = {name: file.shapes[name] for name, file in holders.items() if name not in used}
    shapes |= {name: matrix.shape for name, matrix in matrices.items()}
    for name, file in holders.items():
        if name in known and name not in matrices and file.kinds[name] not in FLOATS:
            raise InputError(f"{file.path}: tensor {name} is {file.kinds[name]}; {', '.join(FLOATS)} are supported")

    def fetch(tensor):
        name = stored[tensor]
        return matrices[name].fetch() if name in matrices else holders[name].floats(name)

    types = {}
    for name, file in holders.items():
        types[file.kinds[name]] = types.get(file.kinds[name], 0) + file.array(name).nbytes
    constants = Constants(path, _normalised(path, config))
    if not family.windowed and "sliding_window" in constants and config.get("use_sliding_window", True):
        raise constants.refusal("sliding_window")
    return Checkpoint(
        path=directory,
        name=os.path.basename(os.path.abspath(directory))[:200],
        family=family.name,
        constants=constants,
        shapes=None if files is None else {known[name]: shape for name, shape in shapes.items() if name in known},
        stored=stored,
        unknown=[n for n in holders if n not in known and n not in used and not n.endswith(_COMPUTED)],
        types=types,
        fetch=fetch,
        interleaved=False,
    )


def read_json(path):
    """The JSON object in the file ``path``. Raises InputError if there is none, or one of over 64 MiB."""
    try:
        if os.path.getsize(path) > _LARGEST_JSON:
            raise InputError(f"{path}: it has more than {_LARGEST_JSON >> 20} MiB")
        with open(path, encoding="utf-8") as file:
            values = json.load(file)
    except InputError:
        raise
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError):
        raise InputError(f"{path}: not JSON") from None
    if not isinstance(values, dict):
        raise InputError(f"{path}: not a JSON object")
    return values


def _files(directory):
    """The SafetensorsFiles of a model: those that the index names, or the only ones there."""
    index = os.path.join(directory, _INDEX)
    if os.path.exists(index):
        names = read_json(index).get("weight_map")
        if not isinstance(names, dict) or not all(isinstance(name, str) for name in names.values()):
            raise InputError(f"{index}: weight_map must say which file holds which tensor")
        paths = sorted(set(names.values()))
        wrong = [name for name in paths if os.path.basename(name) != name or not name.endswith(".safetensors")]
        if wrong:
            raise InputError(f"{index}: {wrong[0]!r} is not the name of a safetensors file beside it")
    else:
        paths = sorted(name for name in os.listdir(directory) if name.endswith(".safetensors"))
        paths = ["model.safetensors"] if "model.safetensors" in paths else paths
        if not paths:
            raise InputError(f"{directory}: there is no *.safetensors in it")
        if len(paths) > 1:
            raise InputError(f"{directory}: several safetensors files, and no {_INDEX} that says which belong together")
        names = {}
    for name in paths:
        if not os.path.isfile(os.path.join(directory, name)):
            raise InputError(f"{os.path.join(directory, name)}: this file of the model is missing; {_INDEX} names it")
    files = {name: SafetensorsFile(os.path.join(directory, name)) for name in paths}
    for tensor, name in names.items():
        if tensor not in files[name].shapes:
            raise InputError(f"{files[name].path}: tensor {tensor}, which {_INDEX} expects there, is missing")
    seen = {}
    for file in files.values():
        for tensor in file.shapes:
            if seen.setdefault(tensor, file) is not file:
                raise InputError(f"{file.path}: tensor {tensor} is also in {seen[tensor].path}")
    return list(files.values())


def _normalised(path, config):
    """``config`` with all that concerns RoPE in ``rope_parameters``, however old the `transformers` that wrote it."""
    config = dict(config)
    both = [config.pop(key, None) or {} for key in ("rope_scaling", "rope_parameters")]
    if not all(isinstance(values, dict) for values in both):
        raise InputError(f"{path}: rope_scaling and rope_parameters must be objects")
    if all(both) and both[0] != both[1]:
        raise InputError(f"{path}: rope_scaling and rope_parameters are two different things; there should be one")
    rope = both[0] | both[1]
    kind = rope.pop("type", None) or "default"
    rope.setdefault("rope_type", "longrope" if kind == "su" else kind)
    rope.pop("finetuned", None)  # says how the weights came to be
    if "rope_theta" in config:
        rope.setdefault("rope_theta", config.pop("rope_theta"))
    if "partial_rotary_factor" in rope:
        config["partial_rotary_factor"] = rope.pop("partial_rotary_factor")
    original = "original_max_position_embeddings"
    if rope["rope_type"] in ("yarn", "longrope", "llama3"):
        if None not in (rope.get(original), config.get(original)) and rope[original] != config[original]:
            raise InputError(f"{path}: {original} is {config[original]}, and another in what concerns RoPE")
        rope.setdefault(original, config.get(original))
        if rope["rope_type"] != "llama3" and rope[original] is None:
            rope[original] = config.get("max_position_embeddings")
    else:
        rope.pop(original, None)  # which only those use
    return config | {"rope_parameters": rope}
