"""Models in the npz layout of the glassllm package: matrices as (inputs, outputs), a JSON configuration, tokenizer
beside.
"""

import json
import math
import os
import zipfile

import numpy as np
import tokenizers
from tokenizers import Regex, decoders, models, normalizers, pre_tokenizers, trainers

from golden.errors import InputError
from golden.files import replacing
from golden.llm.models.float_model import FloatModel
from golden.llm.models.outline import Outline
from golden.llm.models.tokenizer import Tokenizer
from golden.spec import ModelSpec

_LAYER_NAMES = {
    "attn_norm": "norm1.gamma",
    "attn_q": "attn.W_Q",
    "attn_k": "attn.W_K",
    "attn_v": "attn.W_V",
    "attn_o": "attn.W_O",
    "ffn_norm": "norm2.gamma",
    "ffn_gate": "ffn.W1",
    "ffn_up": "ffn.W3",
    "ffn_down": "ffn.W2",
}
_OTHER_NAMES = {"embedding": "E", "final_norm": "norm_f.gamma"}
_SPECIALS = ["<pad>", "<unk>", "<bos>", "<eos>"]
_SPACE = "▁"
_LARGEST_JSON = 1 << 24


def load_npz(path, name):
    """The model in the npz file ``path``, called ``name``, with its tokenizer in ``*.tokenizer.json`` beside it.

    Raises InputError for anything malformed: not a zip, cut, encrypted, wrong types or shapes. Array headers are
    compared with the shapes that the configuration implies before an array is read, so that a hostile header
    allocates nothing.
    """
    archive, spec, _ = _checked(path, name)

    def fetch(tensor):
        array = archive.read(_stored_name(tensor), _stored_shape(tensor, spec))
        return array.T if array.ndim == 2 and tensor != "embedding" else array

    return FloatModel(spec, npz_tokenizer(path), fetch)


def outline_npz(path, name):
    """The Outline of the model in the npz file ``path``. Raises InputError as load_npz() does, but for tokenizers."""
    _, spec, types = _checked(path, name)
    return Outline(spec, spec.head_dim, types)


def _checked(path, name):
    """``(archive, spec, {type: bytes})`` of a file in which every array is as it should be."""
    archive = _Archive(path)
    spec = _spec(path, name, archive.config(), archive)
    types = {}
    for tensor in spec.tensors:
        dtype = archive.check(_stored_name(tensor), _stored_shape(tensor, spec))
        kind = f"F{8 * dtype.itemsize}"
        types[kind] = types.get(kind, 0) + dtype.itemsize * math.prod(spec.tensors[tensor])
    return archive, spec, types


class _Archive:
    """The arrays of an npz file, each checked before it is read."""

    def __init__(self, path):
        self._path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except Exception as error:  # zipfile raises many types on hostile input
            raise InputError(f"{path}: not a readable npz file ({_first_line(error)})") from None

    def config(self):
        """The dictionary in the entry ``__config__``, a text array without dimensions."""
        dtype, _ = self._header("__config__")
        if dtype.kind != "U" or dtype.itemsize > _LARGEST_JSON:
            raise InputError(f"{self._path}: __config__ is not text")
        text = str(self._data("__config__", dtype, ())[()])
        try:
            values = json.loads(text)
        except (ValueError, RecursionError):
            raise InputError(f"{self._path}: __config__ is not JSON") from None
        if not isinstance(values, dict):
            raise InputError(f"{self._path}: __config__ is not a JSON object")
        return values

    def shape(self, entry):
        return self._header(entry)[1]

    def check(self, entry, shape):
        """The type of ``entry``. Raises InputError unless it is a float array of ``shape``."""
        dtype, found = self._header(entry)
        if dtype.kind != "f" or found != shape:
            raise InputError(f"{self._path}: {entry} is {dtype} {found}, it should be floats of shape {shape}")
        return dtype

    def read(self, entry, shape):
        dtype, _ = self._header(entry)
        return self._data(entry, dtype, shape)

    def _header(self, entry):
        try:
            with self._zip.open(f"{entry}.npy") as file:
                return self._parse(file)
        except KeyError:
            raise InputError(f"{self._path}: there is no array {entry}") from None
        except Exception as error:
            raise InputError(f"{self._path}: {entry} is damaged ({_first_line(error)})") from None

    @staticmethod
    def _parse(file):
        version = np.lib.format.read_magic(file)
        read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
        if version not in read:
            raise ValueError(f"npy version {version}")
        shape, fortran, dtype = read[version](file)
        if fortran and len(shape) > 1:
            raise ValueError("column-major array")
        if dtype.hasobject:
            raise ValueError("array of Python objects")
        return dtype, shape

    def _data(self, entry, dtype, shape):
        size = dtype.itemsize * math.prod(shape)
        try:
            with self._zip.open(f"{entry}.npy") as file:
                self._parse(file)
                octets = file.read(size + 1)
        except Exception as error:
            raise InputError(f"{self._path}: {entry} is damaged ({_first_line(error)})") from None
        if len(octets) != size:
            raise InputError(f"{self._path}: {entry} holds another number of bytes than its shape says")
        return np.frombuffer(octets, dtype).reshape(shape)


def _stored_name(name):
    if name in _OTHER_NAMES:
        return _OTHER_NAMES[name]
    _, layer, part = name.split(".")
    return f"blocks.{layer}.{_LAYER_NAMES[part]}"


def _stored_shape(name, spec):
    shape = spec.tensors[name]
    return shape if name == "embedding" else shape[::-1]


def _spec(path, name, config, archive):
    try:
        dim, heads = config["d_model"], config["n_heads"]
        if not all(isinstance(number, int) and number > 0 for number in (dim, heads)) or dim % heads:
            raise InputError(f"{path}: d_model must be a multiple of n_heads")
        gate = archive.shape(_stored_name("layers.0.ffn_gate"))
        return ModelSpec(
            name=name,
            vocab=config["vocab_size"],
            dim=dim,
            layers=config["n_layers"],
            heads=heads,
            kv_heads=config["n_kv_heads"],
            head_dim=dim // heads,
            ffn=gate[-1] if gate else 0,
            context=config["max_len"],
            eps=config["eps"],
            rope_base=config["rope_base"],
            tied=True,
            family="llama",
        )
    except KeyError as error:
        raise InputError(f"{path}: __config__ lacks {error.args[0]}") from None


def npz_tokenizer(path):
    """The Tokenizer of the npz file ``path``, in the file beside it. Raises InputError unless it is one."""
    path = os.path.splitext(path)[0] + ".tokenizer.json"
    try:
        if os.path.getsize(path) > _LARGEST_JSON:
            raise InputError(f"{path}: too large for a tokenizer")
        with open(path, encoding="utf-8") as file:
            values = json.load(file)
    except (OSError, ValueError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path}: cannot be read ({_first_line(error)})") from None
    try:
        return build_tokenizer(values)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def build_tokenizer(values):
    """The Tokenizer of a description (alphabet, merges). Raises InputError unless it is one."""
    alphabet = values.get("alphabet") if isinstance(values, dict) else None
    merges = values.get("merges") if isinstance(values, dict) else None
    if not _texts(alphabet) or not isinstance(merges, list) or not all(_texts(m) and len(m) == 2 for m in merges):
        raise InputError("a tokenizer has a list of characters (alphabet) and a list of pairs (merges)")
    tokens = [*_SPECIALS, *alphabet, *("".join(pair) for pair in merges)]
    known = set(tokens)
    if len(known) != len(tokens) or not all(known.issuperset(pair) for pair in merges):
        raise InputError("a merge joins unknown tokens, or a token appears twice")
    model = models.BPE(
        vocab={token: index for index, token in enumerate(tokens)},
        merges=[tuple(pair) for pair in merges],
        unk_token="<unk>",
    )
    return Tokenizer.build(_with_text_rules(tokenizers.Tokenizer(model)))


def train_tokenizer(texts, size):
    """The description (alphabet, merges) of a tokenizer with ``size`` tokens, made for ``texts`` (strings)."""
    tokenizer = _with_text_rules(tokenizers.Tokenizer(models.BPE(unk_token="<unk>")))
    tokenizer.train_from_iterator(
        texts, trainers.BpeTrainer(vocab_size=size, special_tokens=_SPECIALS, show_progress=False)
    )
    model = json.loads(tokenizer.to_str())["model"]
    alphabet = sorted((token for token in model["vocab"] if len(token) == 1), key=model["vocab"].get)
    return {"alphabet": alphabet, "merges": [list(pair) for pair in model["merges"]]}


def save_npz(model, description, path):
    """Write ``model`` (FloatModel, tied) to ``path``, and ``description`` of its tokenizer beside it, for load_npz().

    Raises InputError if they cannot be written.
    """
    spec = model.spec
    config = {
        "vocab_size": spec.vocab, "d_model": spec.dim, "n_layers": spec.layers, "n_heads": spec.heads,
        "n_kv_heads": spec.kv_heads, "max_len": spec.context, "eps": spec.eps, "rope_base": spec.rope_base,
    }  # fmt: skip
    arrays = {"__config__": np.array(json.dumps(config))}
    for name in spec.tensors:
        arrays[_stored_name(name)] = np.ascontiguousarray(
            model.tensor(name) if name == "embedding" else model.tensor(name).T
        )
    with replacing(os.path.splitext(path)[0] + ".tokenizer.json") as file:
        json.dump(description, file, ensure_ascii=False)
    with replacing(path, "wb") as file:
        np.savez(file, **arrays)


def _with_text_rules(tokenizer):
    """``tokenizer`` with what happens to text before and after its merges."""
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Replace(" ", _SPACE)])
    # A chunk is a line feed, a word with the spaces before it, or trailing spaces: merges never cross chunks.
    chunk = Regex(f"\n|{_SPACE}*[^{_SPACE}\n]+|{_SPACE}+")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(chunk, behavior="isolated")
    tokenizer.decoder = decoders.Sequence([decoders.Replace(_SPACE, " "), decoders.Fuse()])
    return tokenizer


def _texts(values):
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


def _first_line(error):
    return (str(error) or type(error).__name__).splitlines()[0][:200]
