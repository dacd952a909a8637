"""A compressed model: what the integer decoder runs and the `.acc` file holds."""

from dataclasses import dataclass, field

import numpy as np

from golden.draft_shapes import GATE, HEAD, NO_SIZE, DraftSize, check_draft_shapes
from golden.errors import InputError
from golden.formats.matrix import PackedMatrix
from golden.llm.models.tokenizer import Tokenizer
from golden.numerics import MANTISSA_BITS, Scale, constant_scale
from golden.spec import ModelSpec
from golden.units.rms_norm import GAMMA_BITS, LIMIT, NormWeights

_EXPONENTS = (-16, 100)  # a scale of a real weight lies far inside 2^31 … 2^-100


@dataclass(frozen=True, eq=False)
class QuantisedMatrix:
    """weight[n, k] ≈ packed integer (block scale times code) · scale[n]: ``scale`` is one Scale per output channel."""

    packed: PackedMatrix
    scale: Scale

    def __post_init__(self):
        shape = (self.packed.rows,)
        mantissa, exponent = self.scale.mantissa, self.scale.exponent
        if mantissa.shape != shape or exponent.shape != shape:
            raise InputError(f"matrix: scales must have shape {shape}, not {mantissa.shape} and {exponent.shape}")
        if mantissa.min() < 1 << (MANTISSA_BITS - 1) or mantissa.max() >= 1 << MANTISSA_BITS:
            raise InputError("matrix: the mantissa of a scale lies in 32768 to 65535")
        if exponent.min() < _EXPONENTS[0] or exponent.max() > _EXPONENTS[1]:
            raise InputError(f"matrix: the exponent of a scale lies in {_EXPONENTS[0]} to {_EXPONENTS[1]}")

    def to_float(self):
        """The weights (rows, cols) float32 that this matrix stands for."""
        weights, block_scale = self.packed.unpack()
        weights = weights.astype(np.float32)
        if block_scale is not None:
            weights *= np.repeat(block_scale, 32, axis=1)[:, : self.packed.cols]
        return weights * np.ldexp(self.scale.mantissa.astype(np.float32), -self.scale.exponent)[:, None]


@dataclass(frozen=True, eq=False)
class AccModel:
    """``matrices``, ``norms`` and ``biases`` (int32 with 16 fraction bits) hold every name of ``spec.matrices``,
    ``spec.norms`` and ``spec.biases``. ``draft``: the matrices of its draft head (golden.llm.draft_head), or none.
    Raises InputError otherwise.
    """

    spec: ModelSpec
    tokenizer: Tokenizer
    matrices: dict[str, QuantisedMatrix]
    norms: dict[str, NormWeights]
    biases: dict[str, np.ndarray] = field(default_factory=dict)
    draft: dict[str, QuantisedMatrix] = field(default_factory=dict)

    def __post_init__(self):
        if set(self.matrices) != set(self.spec.matrices) or set(self.norms) != set(self.spec.norms):
            raise InputError("model: matrices or norms are missing or unknown")
        if {name: bias.shape for name, bias in self.biases.items()} != {n: (s,) for n, s in self.spec.biases.items()}:
            raise InputError("model: biases are missing, unknown or of another length")
        for name, shape in self.spec.matrices.items():
            packed = self.matrices[name].packed
            if (packed.rows, packed.cols) != shape:
                raise InputError(f"model: matrix {name} is {(packed.rows, packed.cols)}, it should be {shape}")
        for name, norm in self.norms.items():
            check_norm(name, norm, self.spec.norms[name])
        if self.tokenizer.size > self.spec.vocab:
            raise InputError(f"model: the tokenizer has {self.tokenizer.size} tokens, the model {self.spec.vocab}")
        check_draft_shapes(self.spec, {name: (m.packed.rows, m.packed.cols) for name, m in self.draft.items()})

    @property
    def draft_size(self):
        """The draft head's DraftSize."""
        return DraftSize(*(self.draft[name].packed.rows for name in (GATE, HEAD))) if self.draft else NO_SIZE

    @property
    def head(self):
        """The matrix that gives the logits: the embedding itself when they are tied."""
        return self.matrices["embedding" if self.spec.tied else "head"]

    @property
    def weight_bytes(self):
        """Bytes of atoms and block scales, without those of the draft head."""
        parts = [matrix.packed for matrix in self.matrices.values()]
        return sum(part.atoms.nbytes + (0 if part.scales is None else part.scales.nbytes) for part in parts)


def check_norm(name, norm, size):
    """Raise InputError unless the NormWeights ``norm``, called ``name``, are ``size`` values that hardware takes."""
    if norm.gamma.shape != (size,) or np.abs(norm.gamma).max() > 1 << GAMMA_BITS:
        raise InputError(f"model: norm {name} must have {size} values of {GAMMA_BITS} bits and sign")
    if not -(1 << 6) <= norm.exponent <= 1 << 6 or not 0 <= norm.eps < 1 << 48:
        raise InputError(f"model: norm {name} has an impossible exponent or epsilon")
    if np.abs(norm.gamma).max() * 2.0**-norm.exponent > LIMIT:
        raise InputError(
            f"model: norm {name} has a gain of more than {LIMIT / np.sqrt(size):.0f}, which no product takes"
        )


def channel_scale(masters):
    """The Scale of a matrix's channel multipliers ``masters`` (rows,) > 0. Raises InputError for one beyond 2^30."""
    if not masters.max() <= 2.0**30:  # as NaN is not
        raise InputError("has weights that are too large for its format")
    # Weights below 2^-60 of a unit are nothing to any model; the bound keeps exponents inside the container's range.
    return constant_scale(np.maximum(masters, 2.0**-60))
