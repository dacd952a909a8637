"""``compressed-tensors``: 8-bit floats, int8, and integers of 4 or 8 bits packed into int32 (LLM Compressor).

``weight`` (E4M3 or int8) or ``weight_packed`` (outputs, inputs·bits/32), ``weight_scale``, and with some
``weight_zero_point``, ``weight_shape``, ``weight_g_idx``. A scale belongs to the whole matrix, an output channel, a
group of inputs, or a block. Which scheme of ``config_groups`` a matrix has follows from the shapes of its tensors.
"""

import numpy as np

from golden.errors import InputError
from golden.llm.models.exports.export import Export, Matrix, cells, groups, owners, unpack
from golden.llm.models.exports.fp8 import E4M3

_FORMATS = ("float-quantized", "int-quantized", "naive-quantized", "pack-quantized", "mixed-precision")
#: Quantisation of activations and of the cache is this accelerator's own.
_HARMLESS = (
    "quant_method", "quantization_status", "global_compression_ratio", "ignore", "kv_cache_scheme", "version",
)  # fmt: skip
_OF_SCHEME = ("targets", "input_activations", "output_activations")
_OF_WEIGHTS = ("symmetric", "dynamic", "actorder", "observer", "observer_kwargs", "scale_dtype", "zp_dtype", "type")


def _reader(settings):
    _expect_format(settings)
    sparsity = settings.within("sparsity_config")
    sparsity.expect("format", "dense")
    settings.expect("transform_config", {})
    names = settings.take("config_groups", dict, {})
    groups_of = settings.within("config_groups")
    found = {_scheme(groups_of.within(name)) for name in names}
    settings.refuse_unused(_HARMLESS)
    return lambda parts: (_packed if "weight_packed" in parts else _plain)(parts, found)


def _plain(parts, schemes):
    weight, scale = parts.matrix("weight", "F8_E4M3", "I8"), parts.take("weight_scale")
    blocks = {_limited(block, weight.shape) for _, block in schemes}
    block = _chosen(scale, [block for block in blocks if _fits(scale, weight.shape, block)])
    grid = cells(weight.shape, block)
    zero = parts.take("weight_zero_point", "I8", shape=scale.shape) if "weight_zero_point" in parts else None

    def fetch():
        owner = owners(weight.shape, block)
        values = E4M3[weight.ints()] if weight.kind == "F8_E4M3" else weight.ints().astype(np.float32)
        if zero is not None:
            values -= zero.ints().reshape(grid)[owner]
        return values * scale.floats().reshape(grid)[owner]

    return Matrix(weight.shape, fetch)


def _packed(parts, schemes):
    weight, scale = parts.matrix("weight_packed", "I32"), parts.take("weight_scale")
    stated = parts.take("weight_shape", "I64", "I32", shape=(2,))
    shape = rows, inputs = tuple(stated.ints().tolist())
    if rows != weight.shape[0] or inputs < 1:
        raise stated.refusal(f"the shape of a matrix in {weight.shape}")
    candidates = {(bits, _limited(block, shape)) for bits, block in schemes if bits in (4, 8)}
    fitting = [
        (bits, block)
        for bits, block in candidates
        if _words(inputs, bits) == weight.shape[1] and _fits(scale, shape, block)
    ]
    bits, block = _chosen(scale, fitting)
    grid, zero, group = cells(shape, block), None, None
    if "weight_zero_point" in parts:  # packed along the rows, but as int8 in older files
        zero = parts.take("weight_zero_point", "I32", "I8")
        wanted = (_words(grid[0], bits), grid[1]) if zero.kind == "I32" else scale.shape
        if zero.shape != wanted:
            raise zero.refusal(wanted)
    if "weight_g_idx" in parts:
        order = parts.take("weight_g_idx", "I32", "I64", shape=(inputs,))
        if -1 not in order.ints():  # which says that there is none
            group = groups(order, grid[1])

    def fetch():
        row, column = owners(shape, block)
        owner = row, column if group is None else group[None]
        values = unpack(weight.ints(), bits)[:, :inputs] - np.float32(1 << bits - 1)
        if zero is not None and zero.kind == "I8":
            values -= zero.ints().reshape(grid)[owner]
        elif zero is not None:
            values -= (unpack(zero.ints().T, bits)[:, : grid[0]].T - np.float32(1 << bits - 1))[owner]
        return values * scale.floats().reshape(grid)[owner]

    return Matrix(shape, fetch)


def _words(count, bits):
    """int32 that ``count`` numbers take."""
    return -(-count * bits // 32)


def _expect_format(settings):
    kind = settings.take("format", str, None)
    if kind is not None and kind not in _FORMATS:
        raise settings.refusal("format")


def _scheme(group):
    """``(bits, block)`` of the weights of a config group; None in a block stands for all rows or inputs."""
    _expect_format(group)
    weights = group.within("weights")
    bits, size = weights.take("num_bits", int, 8), weights.take("group_size", int, None)
    strategy = weights.take("strategy", str, "tensor" if size is None else "group" if size > 0 else "channel")
    block = weights.take("block_structure", list, None)
    weights.refuse_unused(_OF_WEIGHTS)
    group.refuse_unused(_OF_SCHEME)
    if strategy == "tensor":
        return bits, (None, None)
    if strategy == "channel":
        return bits, (1, None)
    if strategy == "group" and size is not None and size > 0:
        return bits, (1, size)
    if strategy == "block" and block and len(block) == 2 and all(type(step) is int and step > 0 for step in block):
        return bits, tuple(block)
    raise InputError(f"{weights.path}: {weights.label('strategy')} is {strategy!r}; that of weights is not understood")


def _limited(block, shape):
    """``block`` within a matrix of ``shape``."""
    return tuple(size if step is None else min(step, size) for step, size in zip(block, shape, strict=True))


def _fits(scale, shape, block):
    """Whether the tensor ``scale`` has a value for each block."""
    grid = cells(shape, block)
    return scale.shape == grid or (grid == (1, 1) and scale.shape in ((), (1,))) or (*scale.shape, 1) == grid


def _chosen(scale, fitting):
    """The one of ``fitting``, or InputError."""
    if len(fitting) != 1:
        raise scale.refusal("as one of config_groups says, and no other")
    return fitting[0]


EXPORT = Export(
    "compressed-tensors",
    _reader,
    ("weight_packed", "weight_scale", "weight_zero_point", "weight_shape", "weight_g_idx"),
    spare=("input_scale", "input_zero_point", "output_scale", "output_zero_point", "k_scale", "v_scale", "q_scale"),
)
