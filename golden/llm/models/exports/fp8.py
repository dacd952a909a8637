"""``fp8``: E4M3 with a scale for a block of weights, an output channel, or all (DeepSeek-V3, Qwen3-FP8, and others).

Every weight is its 8-bit float times its scale, whether the scale's name ends in ``weight_scale_inv`` or
``weight_scale``.
"""

import numpy as np

from golden.llm.models.exports.export import Export, Matrix, cells, owners

_HARMLESS = (
    "quant_method", "activation_scheme", "modules_to_not_convert", "modules_to_convert", "ignored_layers",
    "dequantize", "scale_fmt", "kv_cache_scheme", "kv_cache_quant_method",
)  # fmt: skip
_SCALES = ("weight_scale_inv", "weight_scale")


def _e4m3():
    codes = np.arange(256)
    exponent, mantissa = codes >> 3 & 15, codes & 7
    size = np.where(exponent == 0, mantissa / 8 * 2.0**-6, (1 + mantissa / 8) * 2.0 ** (exponent - 7))
    size[[0x7F, 0xFF]] = np.nan
    return np.where(codes < 128, size, -size).astype(np.float32)


E4M3 = _e4m3()  #: the value of every code, without infinities


def _reader(settings):
    settings.expect("fmt", "e4m3")
    settings.expect("expert_dtype", "fp8")
    block = settings.take("weight_block_size", list, None)
    if block is not None and (len(block) != 2 or not all(type(size) is int and size > 0 for size in block)):
        raise settings.refusal("weight_block_size")
    settings.refuse_unused(_HARMLESS)

    def matrix(parts):
        weight = parts.matrix("weight", "F8_E4M3")
        name = next((name for name in _SCALES if name in parts), _SCALES[0])
        rows, inputs = weight.shape
        choices = {(rows, inputs): [(), (1,), (1, 1)], (1, inputs): [(rows,), (rows, 1)]}
        if block is not None:
            choices.setdefault(tuple(block), []).append(cells(weight.shape, block))
        scale = parts.take(name)
        for step, shapes in choices.items():
            if scale.shape in shapes:
                return Matrix(weight.shape, lambda: _floats(weight, scale, step))
        raise scale.refusal(" or ".join(str(shape) for shapes in choices.values() for shape in shapes))

    return matrix


def _floats(weight, scale, block):
    grid = scale.floats().reshape(cells(weight.shape, block))
    return E4M3[weight.ints()] * grid[owners(weight.shape, block)]


EXPORT = Export("fp8", _reader, _SCALES, spare=("input_scale", "activation_scale", "k_scale", "v_scale"))
