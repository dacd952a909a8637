"""The `.acc` file: a compressed model as safetensors with metadata.

Metadata (all text): ``format`` = ``myhdl_acc``, ``version`` = ``1``, ``spec`` (JSON of ModelSpec), ``tokenizer``
(JSON of the `tokenizers` library), ``text`` (JSON of TextRules, where they are not the default), ``kinds`` (JSON
{matrix: w2|w4|w8}), ``norms`` (JSON {norm: [exponent, eps]}); with a draft head ``draft`` (JSON: ``kinds`` of its
matrices, and as ``model`` the CRC-32 of the γ of the last norm that it was trained behind).
Tensors: per matrix ``.atoms`` (u64, rows × blocks × phases), ``.scales`` (u8, rows × blocks, w4 only), ``.mantissa``
(u16, rows) and ``.exponent`` (i8, rows); per norm ``.gamma`` (i32); per bias its values (i32).
docs/formats.md describes the atoms.
"""

import dataclasses
import json
import math
import os
import struct
import zlib
from itertools import chain

import numpy as np

from golden.draft_shapes import GATE, HEAD, NO_SIZE, DraftSize, draft_shapes
from golden.errors import InputError
from golden.files import replacing
from golden.formats import w2, w8
from golden.formats.matrix import BLOCK, KEPT, PHASES, PackedMatrix, stored_bytes
from golden.llm.models.outline import Outline
from golden.llm.models.safetensors_file import SafetensorsFile
from golden.llm.models.tokenizer import TextRules, Tokenizer
from golden.llm.quantised_model import AccModel, QuantisedMatrix
from golden.numerics import Scale
from golden.spec import ModelSpec
from golden.units.rms_norm import NormWeights

FORMAT, VERSION = "myhdl_acc", "1"
# In the order in which the safetensors library writes tensors.
_DTYPES = {"U64": "<u8", "I32": "<i4", "U16": "<u2", "I8": "i1", "U8": "u1"}
_CHECKED_AT_ONCE = 1 << 15  # atoms: temporaries stay in the cache


def save(model, path):
    """Write ``model`` (AccModel) to ``path``, in one step over what was there; a model always gives the same bytes.

    Raises InputError if that place cannot be written.
    """
    kinds = {name: matrix.packed.kind for name, matrix in model.matrices.items()}
    parts = (*model.matrices.items(), *model.biases.items())
    write(path, model.spec, model.tokenizer, kinds, model.norms, parts, draft=model.draft)


def write(path, spec, tokenizer, kinds, norms, parts, *, draft=None):
    """As save(), but of a model that need never be in memory as a whole. ``draft``: the matrices of its draft head.

    ``parts`` yields ``(name, QuantisedMatrix)`` of every matrix, in the format that ``kinds`` says, and ``(name, int32
    array)`` of every bias, in any order; each is written as it comes.
    """
    metadata = {
        "format": FORMAT,
        "version": VERSION,
        "spec": json.dumps(spec.to_dict()),
        "tokenizer": tokenizer.json,
        "kinds": json.dumps(kinds),
        "norms": json.dumps({name: [int(norms[name].exponent), int(norms[name].eps)] for name in spec.norms}),
    }
    if tokenizer.rules != TextRules():
        metadata["text"] = json.dumps(dataclasses.asdict(tokenizer.rules))
    draft = draft or {}
    if draft:
        draft_kinds = {name: matrix.packed.kind for name, matrix in draft.items()}
        metadata["draft"] = json.dumps({"kinds": draft_kinds, "model": _fingerprint(norms)})
    gammas = {f"{name}.gamma": norms[name].gamma for name in spec.norms}
    layout = {name: ("I32", gamma.shape) for name, gamma in gammas.items()}
    layout |= {name: ("I32", (size,)) for name, size in spec.biases.items()}
    for name, shape in spec.matrices.items():
        layout |= _matrix_layout(name, kinds[name], *shape)
    for name, matrix in draft.items():
        layout |= _matrix_layout(name, matrix.packed.kind, matrix.packed.rows, matrix.packed.cols)
    header, places, size = _header(layout, metadata)
    with replacing(path, "wb") as file:
        os.posix_fallocate(file.fileno(), 0, size)  # a full disk shows before the work
        file.write(header)

        def put(tensors):
            for name, tensor in tensors.items():
                dtype, shape = layout[name]
                if tensor.shape != shape:
                    raise InputError(f"tensor {name} is {tensor.shape}, it should be {shape}")
                file.seek(len(header) + places.pop(name))
                file.write(np.ascontiguousarray(tensor, _DTYPES[dtype]).data)

        put(gammas)
        for name, part in chain(draft.items(), parts):
            put(matrix_tensors({name: part})[0] if isinstance(part, QuantisedMatrix) else {name: part})
        if places:
            raise InputError(f"tensor {min(places)} is missing")


def matrix_tensors(matrices):
    """``(tensors, kinds)`` of ``{name: QuantisedMatrix}``, as described above."""
    tensors, kinds = {}, {}
    for name, matrix in matrices.items():
        kinds[name] = matrix.packed.kind
        tensors[f"{name}.atoms"] = matrix.packed.atoms
        if matrix.packed.scales is not None:
            tensors[f"{name}.scales"] = matrix.packed.scales
        tensors[f"{name}.mantissa"] = matrix.scale.mantissa.astype(np.uint16)
        tensors[f"{name}.exponent"] = matrix.scale.exponent.astype(np.int8)
    return {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}, kinds


def _matrix_layout(name, kind, rows, cols):
    """``{tensor: (type, shape)}`` of a matrix."""
    blocks = -(-cols // BLOCK)
    scales = {f"{name}.scales": ("U8", (rows, blocks))} if kind == "w4" else {}
    channels = {f"{name}.mantissa": ("U16", (rows,)), f"{name}.exponent": ("I8", (rows,))}
    return {f"{name}.atoms": ("U64", (rows, blocks, PHASES[kind]))} | scales | channels


def _header(layout, metadata):
    """``(octets, {tensor: offset behind them}, bytes of the file)`` of a safetensors file.

    ``layout``: {tensor: (type, shape)}. Tensors are in the order in which the safetensors library writes them, the
    metadata in ours: the library's is a random one.
    """
    entries, places, end = {"__metadata__": metadata}, {}, 0
    for name in sorted(layout, key=lambda name: (list(_DTYPES).index(layout[name][0]), name)):
        dtype, shape = layout[name]
        places[name], end = end, end + math.prod(shape) * np.dtype(_DTYPES[dtype]).itemsize
        entries[name] = {"dtype": dtype, "shape": shape, "data_offsets": (places[name], end)}
    header = json.dumps(entries, ensure_ascii=False).encode()
    header += b" " * (-len(header) % 8)  # tensors are aligned
    header = struct.pack("<Q", len(header)) + header
    return header, places, len(header) + end


def load(path):
    """The AccModel in ``path``. Tensors are views of the memory-mapped file.

    Raises InputError unless everything fits: format and version, specification, kinds, names, types and shapes of all
    tensors, scales in range and every code legal.
    """
    metadata, tensors = _open(path)
    try:
        return _model(metadata, tensors)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def load_tokenizer(path):
    """The Tokenizer of the model in ``path``; no tensor is read. Raises InputError as load() does."""
    metadata, _ = _open(path)
    try:
        return _tokenizer(metadata)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def outline(path):
    """The Outline of the model in ``path``; no tensor is looked at. Raises InputError as load() does, but for those."""
    metadata, tensors = _open(path)
    try:
        spec, kinds = ModelSpec.from_dict(_json(metadata, "spec")), _json(metadata, "kinds")
        _check_kinds(spec.matrices, kinds)
        draft, size = {}, NO_SIZE
        if "draft" in metadata:
            draft, size = _about_draft(metadata)["kinds"], _draft_size(tensors)
            _check_kinds(draft_shapes(spec, size), draft)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    types = {}
    for name, shape in spec.matrices.items():
        types[kinds[name]] = types.get(kinds[name], 0) + stored_bytes(kinds[name], *shape)
    return Outline(spec, None, types, kinds, draft, size)


def _open(path):
    """``(metadata, tensors)`` of an .acc file. Raises InputError if it is none that this program reads."""
    path = os.fspath(path)
    if not os.path.isfile(path):
        raise InputError(f"{path}: no such file")
    metadata, tensors = open_tensors(path)
    if metadata.get("format") != FORMAT:
        raise InputError(f"{path}: a safetensors file, but not one that myhdl-acc compress wrote")
    if metadata.get("version") != VERSION:
        raise InputError(f"{path}: version {metadata.get('version')!r} of the format; this program reads {VERSION}")
    return metadata, tensors


def open_tensors(path):
    """``(metadata, {name: array})`` of a safetensors file, the arrays mapped from it. Raises InputError."""
    file = SafetensorsFile(path)
    for name, kind in file.kinds.items():
        if kind not in _DTYPES:
            raise InputError(f"{path}: tensor {name} has type {kind}, which no .acc file has")
    return file.metadata, {name: file.array(name) for name in file.shapes}


def _model(metadata, tensors):
    spec = ModelSpec.from_dict(_json(metadata, "spec"))
    kinds, norm_values = _json(metadata, "kinds"), _json(metadata, "norms")
    remaining = dict(tensors)
    matrices = read_matrices(spec.matrices, kinds, remaining, keep=spec.parameters <= KEPT)
    if not isinstance(norm_values, dict) or set(norm_values) != set(spec.norms):
        raise InputError("norms names other norms than the model has")
    norms = {}
    for name in spec.norms:
        values = norm_values[name]
        if not isinstance(values, list) or len(values) != 2 or not all(type(value) is int for value in values):
            raise InputError(f"norm {name} must have an integer exponent and epsilon")
        gamma = _take(remaining, f"{name}.gamma", np.int32, (spec.norms[name],)).astype(np.int64)
        norms[name] = NormWeights(gamma, *values)
    biases = {name: _take(remaining, name, np.int32, (size,)).astype(np.int64) for name, size in spec.biases.items()}
    draft = _draft(spec, _about_draft(metadata), norms, remaining) if "draft" in metadata else {}
    if remaining:
        raise InputError(f"tensor {min(remaining)} is unknown")
    return AccModel(spec, _tokenizer(metadata), matrices, norms, biases, draft)


def _draft(spec, about, norms, tensors):
    """The matrices of the draft head, which ``tensors`` loses."""
    if about["model"] != _fingerprint(norms):
        raise InputError("draft head: it was trained behind another model")
    try:
        return read_matrices(draft_shapes(spec, _draft_size(tensors)), about["kinds"], tensors)
    except InputError as error:
        raise InputError(f"draft head: not one of this model: {error}") from None


def _about_draft(metadata):
    """What ``metadata`` says of the draft head."""
    about = _json(metadata, "draft")
    if not isinstance(about, dict) or set(about) != {"kinds", "model"}:
        raise InputError("metadata draft has other entries than kinds and model")
    return about


def _draft_size(tensors):
    """The draft head's DraftSize."""
    channels = (tensors.get(f"{name}.mantissa") for name in (GATE, HEAD))
    return DraftSize(*(len(one) if one is not None and one.ndim else 0 for one in channels))


def _fingerprint(norms):
    """A number that tells models apart."""
    return zlib.crc32(np.ascontiguousarray(norms["final_norm"].gamma, "<i4").data)


def _tokenizer(metadata):
    rules = TextRules.from_dict(_json(metadata, "text")) if "text" in metadata else TextRules()
    return Tokenizer(metadata.get("tokenizer", ""), rules)


def read_matrices(shapes, kinds, tensors, keep=True):
    """``{name: QuantisedMatrix}`` of ``shapes`` ({name: (rows, cols)}) and ``kinds``; what it reads, ``tensors`` loses.

    ``keep`` is that of the PackedMatrix. Raises InputError unless everything fits.
    """
    _check_kinds(shapes, kinds)
    matrices = {}
    for name, (rows, cols) in shapes.items():
        kind = kinds[name]
        layout = _matrix_layout(name, kind, rows, cols)
        taken = {key: _take(tensors, key, _DTYPES[dtype], shape) for key, (dtype, shape) in layout.items()}
        atoms, scales = taken[f"{name}.atoms"], taken.get(f"{name}.scales")
        mantissa, exponent = (taken[f"{name}.{part}"].astype(np.int64) for part in ("mantissa", "exponent"))
        _check_codes(name, kind, atoms)
        matrices[name] = QuantisedMatrix(PackedMatrix(kind, rows, cols, atoms, scales, keep), Scale(mantissa, exponent))
    return matrices


def _check_kinds(shapes, kinds):
    if not isinstance(kinds, dict) or set(kinds) != set(shapes):
        raise InputError("kinds names other matrices than the model has")
    for name in shapes:
        if kinds[name] not in tuple(PHASES):  # a hostile kind need not be hashable
            raise InputError(f"matrix {name} has kind {kinds[name]!r}; there are {', '.join(PHASES)}")


def _take(tensors, name, dtype, shape):
    array = tensors.pop(name, None)
    if array is None or array.dtype != dtype or array.shape != shape:
        found = "missing" if array is None else f"{array.dtype} {array.shape}"
        raise InputError(f"tensor {name} is {found}, it should be {np.dtype(dtype)} {shape}")
    return array


def _json(metadata, key):
    try:
        return json.loads(metadata[key])
    except (KeyError, ValueError, RecursionError):
        raise InputError(f"metadata {key} is missing or not JSON") from None


def _check_codes(name, kind, atoms):
    check = {"w2": w2.all_legal, "w8": w8.all_legal}.get(kind)
    atoms = atoms.reshape(-1)
    parts = range(0, len(atoms), _CHECKED_AT_ONCE)
    if check is not None and not all(check(atoms[first : first + _CHECKED_AT_ONCE]) for first in parts):
        raise InputError(f"matrix {name} holds codes that mean nothing in {kind}")
