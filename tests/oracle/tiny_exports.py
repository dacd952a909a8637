"""Quantised exports of the tiny models, written by numpy as the formats' documents say, without the reader's code.

``KINDS`` {kind: (quantization_config, quantise)}; ``quantise(weight)`` of a matrix (outputs, inputs) float32 gives
``({end of the name: (safetensors type, array)}, the matrix that they stand for)``.
"""

import json
import struct

import numpy as np

from tests.oracle import tiny_models


def write_safetensors(path, tensors):
    """``tensors`` {name: (type, array)} as the format has them, whatever their type."""
    header, data = {}, b""
    for name, (kind, array) in tensors.items():
        header[name] = {"dtype": kind, "shape": array.shape, "data_offsets": [len(data), len(data) + array.nbytes]}
        data += array.tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def write_export(kind, variant, directory):
    """The variant as an export, and {name: float32 array} of the tensors that it stands for; the head stays float."""
    settings, quantise = KINDS[kind]
    tiny_models.write_directory(variant, directory)
    config = json.loads((directory / "config.json").read_text())
    (directory / "config.json").write_text(json.dumps(config | {"quantization_config": settings}))
    stored, floats = {}, {}
    for name, array in tiny_models.tensors(variant).items():
        floats[name] = array
        if name.endswith("proj.weight"):
            parts, floats[name] = quantise(array)
            stored |= {f"{name.removesuffix('weight')}{ending}": part for ending, part in parts.items()}
        else:
            stored[name] = "F32", array
    write_safetensors(directory / "model.safetensors", stored)
    return floats


def e4m3(code):
    """The number that an 8-bit code stands for."""
    sign, exponent, mantissa = -1.0 if code & 128 else 1.0, code >> 3 & 15, code & 7
    return sign * (mantissa * 2.0**-9 if exponent == 0 else (8 + mantissa) * 2.0 ** (exponent - 10))


_POSITIVE = np.array([e4m3(code) for code in range(127)])


def _to_e4m3(values):
    """The codes nearest to ``values``, and what they stand for."""
    codes = np.abs(_POSITIVE - np.abs(values)[..., None]).argmin(-1).astype(np.uint8)
    codes |= np.where(values < 0, 128, 0).astype(np.uint8)
    return codes, np.array([e4m3(int(code)) for code in codes.ravel()], np.float32).reshape(codes.shape)


def pack(values, bits):
    """Rows of whole numbers from 0 on, packed into rows of int32: number i at bit i·bits."""
    words = -(-values.shape[1] * bits // 32)
    rows = [sum(int(value) << index * bits for index, value in enumerate(row)) for row in values]
    return np.array([np.frombuffer(row.to_bytes(words * 4, "little"), "<i4") for row in rows], np.int32)


def _by_blocks(weight, block, largest, symmetric=True):
    """``(scales, zeros, scale of each element, zero of each element)`` of the blocks, the zeros whole numbers."""
    rows, columns = (-(-size // step) for size, step in zip(weight.shape, block, strict=True))
    scales, zeros = np.zeros((rows, columns), np.float32), np.zeros((rows, columns))
    scale, zero = np.zeros_like(weight), np.zeros_like(weight)
    for row in range(rows):
        for column in range(columns):
            where = np.s_[row * block[0] : (row + 1) * block[0], column * block[1] : (column + 1) * block[1]]
            low, high = weight[where].min(), weight[where].max()
            size = max(-low, high) / largest if symmetric else (high - low) / (2 * largest + 1)
            scales[row, column] = np.float16(size)
            if not symmetric:
                zeros[row, column] = np.round(-low / scales[row, column]) - largest - 1
            scale[where], zero[where] = scales[row, column], zeros[row, column]
    return scales, zeros, scale, zero


def _fp8(name, block=None, shape=None):
    def quantise(weight):
        scales, _, scale, _ = _by_blocks(weight, [b or s for b, s in zip(block, weight.shape, strict=True)], 448)
        codes, values = _to_e4m3(weight / scale)
        stored = scales if shape is None else scales.reshape(shape)
        return {"weight": ("F8_E4M3", codes), name: ("F32", stored)}, values * scale

    return quantise


def _int8(block, symmetric):
    def quantise(weight):
        step = [b or s for b, s in zip(block, weight.shape, strict=True)]
        scales, zeros, scale, zero = _by_blocks(weight, step, 127, symmetric)
        codes = np.clip(np.round(weight / scale) + zero, -128, 127).astype(np.int8)
        parts = {"weight": ("I8", codes), "weight_scale": ("F32", scales)}
        if not symmetric:
            parts["weight_zero_point"] = "I8", zeros.astype(np.int8)
        return parts, (codes - zero) * scale

    return quantise


def _packed(bits, size, symmetric=True, ordered=False):
    def quantise(weight):
        step = (1, size or weight.shape[1])
        order = np.argsort(np.random.default_rng(3).random(weight.shape[1])) if ordered else np.arange(weight.shape[1])
        middle = 1 << bits - 1
        scales, zeros, scale, zero = _by_blocks(weight[:, order], step, middle - 1, symmetric)
        back = np.argsort(order)
        scale, zero = scale[:, back], zero[:, back]
        codes = np.clip(np.round(weight / scale) + zero, -middle, middle - 1)
        parts = {
            "weight_packed": ("I32", pack(codes + middle, bits)),
            "weight_scale": ("F16", scales.astype(np.float16)),
            "weight_shape": ("I64", np.array(weight.shape)),
        }
        if not symmetric:
            parts["weight_zero_point"] = "I32", np.ascontiguousarray(pack(zeros.T + middle, bits).T)
        if ordered:
            parts["weight_g_idx"] = "I32", (back // size).astype(np.int32)
        return parts, ((codes - zero) * scale).astype(np.float32)

    return quantise


def _gptq(bits, size, symmetric, first=True, ordered=False):
    def quantise(weight):
        order = np.argsort(np.random.default_rng(4).random(weight.shape[1])) if ordered else np.arange(weight.shape[1])
        middle = 1 << bits - 1
        step = weight.shape[1] if size == -1 else size
        scales, zeros, scale, zero = _by_blocks(weight[:, order], (1, step), middle - 1, symmetric)
        back = np.argsort(order)
        zeros, scale, zero = zeros + middle, scale[:, back], zero[:, back] + middle
        codes = np.clip(np.round(weight / scale) + zero, 0, 2 * middle - 1)
        parts = {
            "qweight": ("I32", np.ascontiguousarray(pack(codes, bits).T)),
            "qzeros": ("I32", pack((zeros.T - first) % (2 * middle), bits)),
            "scales": ("F16", np.ascontiguousarray(scales.T).astype(np.float16)),
        }
        if ordered:
            parts["g_idx"] = "I32", (back // step).astype(np.int32)
        return parts, ((codes - zero) * scale).astype(np.float32)

    return quantise


def _awq(size):
    def shuffled(values):  # every word holds its eight columns as 0, 2, 4, 6, 1, 3, 5, 7 from the lowest bits on
        return values.reshape(len(values), -1, 8)[..., [0, 2, 4, 6, 1, 3, 5, 7]].reshape(values.shape)

    def quantise(weight):
        scales, zeros, scale, zero = _by_blocks(weight, (1, size), 7, False)
        codes = np.clip(np.round(weight / scale) + zero + 8, 0, 15)
        parts = {
            "qweight": ("I32", pack(shuffled(codes.T), 4)),
            "qzeros": ("I32", pack(shuffled(zeros.T + 8), 4)),
            "scales": ("F16", np.ascontiguousarray(scales.T).astype(np.float16)),
        }
        return parts, ((codes - zero - 8) * scale).astype(np.float32)

    return quantise


def _compressed(form, **weights):
    activations = {"num_bits": 8, "type": "int", "strategy": "token", "dynamic": True, "symmetric": True}
    group = {"targets": ["Linear"], "weights": weights, "input_activations": activations, "output_activations": None}
    return {
        "quant_method": "compressed-tensors", "format": form, "quantization_status": "compressed",
        "config_groups": {"group_0": group}, "ignore": ["lm_head"], "kv_cache_scheme": None,
        "global_compression_ratio": 1.5, "sparsity_config": {}, "transform_config": {}, "version": "0.12.2",
    }  # fmt: skip


_FP8 = {"quant_method": "fp8", "activation_scheme": "dynamic", "fmt": "e4m3", "modules_to_not_convert": ["lm_head"]}
_GPTQ = {
    "quant_method": "gptq", "group_size": 32, "desc_act": False, "sym": True, "damp_percent": 0.1,
    "true_sequential": True, "lm_head": False, "checkpoint_format": "gptq", "meta": {"quantizer": ["gptqmodel:2.0"]},
    "pack_dtype": "int32", "dynamic": None,
}  # fmt: skip
_AWQ = {"quant_method": "awq", "bits": 4, "group_size": 32, "zero_point": True, "version": "gemm"}
_CT8 = {"type": "int", "num_bits": 8, "symmetric": True, "dynamic": False, "observer": "minmax"}
_CT4 = _CT8 | {"num_bits": 4, "strategy": "group", "group_size": 32}
_CTF = _CT8 | {"type": "float"}

KINDS = {
    "fp8-blocks": (_FP8 | {"weight_block_size": [64, 64]}, _fp8("weight_scale_inv", (64, 64))),
    "fp8-large-blocks": (_FP8 | {"weight_block_size": [128, 128]}, _fp8("weight_scale_inv", (128, 128))),
    "fp8-tensor": (_FP8 | {"activation_scheme": "static"}, _fp8("weight_scale", (None, None), ())),
    "fp8-channel": (_FP8, _fp8("weight_scale", (1, None))),
    "ct-float-tensor": (
        _compressed("float-quantized", strategy="tensor", **_CTF),
        _fp8("weight_scale", (None, None), (1,)),
    ),
    "ct-float-channel": (_compressed("float-quantized", strategy="channel", **_CTF), _fp8("weight_scale", (1, None))),
    "ct-float-blocks": (
        _compressed("float-quantized", strategy="block", block_structure=[64, 64], **_CTF),
        _fp8("weight_scale", (64, 64)),
    ),
    "ct-int-channel": (_compressed("int-quantized", strategy="channel", **_CT8), _int8((1, None), True)),
    "ct-int-tensor": (_compressed("naive-quantized", strategy="tensor", **_CT8), _int8((None, None), True)),
    "ct-int-groups": (
        _compressed("naive-quantized", strategy="group", group_size=32, **_CT8 | {"symmetric": False}),
        _int8((1, 32), False),
    ),
    "ct-packed-4": (_compressed("pack-quantized", **_CT4), _packed(4, 32)),
    "ct-packed-4-zeros": (_compressed("pack-quantized", **_CT4 | {"symmetric": False}), _packed(4, 32, False)),
    "ct-packed-4-order": (_compressed("pack-quantized", **_CT4 | {"actorder": "group"}), _packed(4, 32, ordered=True)),
    "ct-packed-8-channel": (_compressed("pack-quantized", strategy="channel", **_CT8), _packed(8, None)),
    "gptq-4": (_GPTQ | {"bits": 4}, _gptq(4, 32, True)),
    "gptq-4-zeros": (_GPTQ | {"bits": 4, "sym": False}, _gptq(4, 32, False)),
    "gptq-4-order": (_GPTQ | {"bits": 4, "desc_act": True}, _gptq(4, 32, True, ordered=True)),
    "gptq-4-v2": (_GPTQ | {"bits": 4, "sym": False, "checkpoint_format": "gptq_v2"}, _gptq(4, 32, False, first=False)),
    "gptq-8-channel": (_GPTQ | {"bits": 8, "group_size": -1}, _gptq(8, -1, True)),
    "awq": (_AWQ, _awq(32)),
}
