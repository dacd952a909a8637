import dataclasses

import numpy as np
import pytest

from golden.errors import InputError
from golden.formats.matrix import PackedMatrix
from golden.llm.compress import compress
from golden.llm.quantised_model import QuantisedMatrix
from golden.numerics import Scale
from golden.spec import ModelSpec
from golden.units.rms_norm import NormWeights

PACKED = PackedMatrix.pack("w4", np.array([[1, -8], [7, 0]], np.int8), np.array([[2], [255]], np.uint8))


def test_to_float():
    matrix = QuantisedMatrix(PACKED, Scale(np.array([1 << 15, 3 << 14]), np.array([15, 16])))
    assert matrix.to_float().tolist() == [[2, -16], [7 * 255 * 0.75, 0]]


@pytest.mark.parametrize(
    ("mantissa", "exponent"),
    [([1 << 15], [0]), ([1 << 15, (1 << 15) - 1], [0, 0]), ([1 << 16, 1 << 15], [0, 0]), ([1 << 15] * 2, [0, -40])],
)
def test_refuses_bad_scales(mantissa, exponent):
    with pytest.raises(InputError, match="matrix: "):
        QuantisedMatrix(PACKED, Scale(np.array(mantissa), np.array(exponent)))


def test_refuses_incomplete_models(small_model):
    model = compress(small_model, "w8")
    assert model.head is model.matrices["head"]
    assert model.weight_bytes == sum(matrix.packed.atoms.nbytes for matrix in model.matrices.values())
    without = {name: matrix for name, matrix in model.matrices.items() if name != "head"}
    with pytest.raises(InputError, match="missing or unknown"):
        dataclasses.replace(model, matrices=without)
    with pytest.raises(InputError, match="matrix head is"):
        dataclasses.replace(model, matrices=without | {"head": model.matrices["layers.0.attn_q"]})
    norm = model.norms["final_norm"]
    for wrong in (
        NormWeights(norm.gamma[:-1], norm.exponent, norm.eps),
        NormWeights(norm.gamma << 10, norm.exponent, norm.eps),
        NormWeights(norm.gamma, 1000, norm.eps),
        NormWeights(norm.gamma, norm.exponent, -1),
        NormWeights(norm.gamma, norm.exponent, 1 << 60),
    ):
        with pytest.raises(InputError, match="norm final_norm"):
            dataclasses.replace(model, norms=model.norms | {"final_norm": wrong})
    small = dataclasses.asdict(small_model.spec) | {"vocab": 5}
    with pytest.raises(InputError):
        dataclasses.replace(model, spec=ModelSpec.from_dict(small))
