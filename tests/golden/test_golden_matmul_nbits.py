"""Blockwise integer products against onnxruntime's MatMulNBits, an implementation of others.

Its weights are unsigned with a zero point in the middle, its scales and activations floats. All products here stay
below 2^24, where float32 is exact, so the results must be the same integers.
"""

import numpy as np
import pytest

from golden.formats.matrix import BLOCK, PackedMatrix

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

_ZERO_POINT = {"w4": 8, "w8": 128}


def _matmul_nbits(kind, weights, scale, x):
    """Σ scale·weight·x (R, rows) of weights (rows, cols) int8, scale (rows, blocks) and x (R, cols), as float32."""
    bits = int(kind[1])
    rows, cols = weights.shape
    octets = (weights.astype(np.int16) + _ZERO_POINT[kind]).astype(np.uint8)
    if kind == "w4":
        octets = octets[:, 0::2] | octets[:, 1::2] << 4
    node = onnx.helper.make_node(
        "MatMulNBits", ["x", "weights", "scale"], ["y"], domain="com.microsoft", K=cols, N=rows, bits=bits,
        block_size=BLOCK,
    )  # fmt: skip
    constants = {
        "weights": octets.reshape(rows, cols // BLOCK, -1),
        "scale": scale.astype(np.float32).reshape(-1),
    }
    graph = onnx.helper.make_graph(
        [node],
        "product",
        [onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, x.shape)],
        [onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, (len(x), rows))],
        [onnx.numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    opsets = [onnx.helper.make_opsetid("", 17), onnx.helper.make_opsetid("com.microsoft", 1)]
    model = onnx.helper.make_model(graph, opset_imports=opsets, ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(["y"], {"x": x.astype(np.float32)})[0]


@pytest.mark.parametrize("rows, cols, count", [(1, 32, 1), (40, 256, 3), (7, 96, 9)])
@pytest.mark.parametrize("kind", ["w4", "w8"])
def test_products_are_the_same_integers(kind, rows, cols, count):
    rng = np.random.default_rng(rows)
    low, high, largest_scale = (-8, 7, 31) if kind == "w4" else (-119, 119, 1)
    weights = rng.integers(low, high + 1, (rows, cols)).astype(np.int8)
    scale = rng.integers(1, largest_scale + 1, (rows, cols // BLOCK)).astype(np.uint8)
    x = rng.integers(-127, 128, (count, cols)).astype(np.int8)
    packed = PackedMatrix.pack(kind, weights, scale if kind == "w4" else None)
    assert np.array_equal(packed.dot(x), _matmul_nbits(kind, weights, scale, x))
