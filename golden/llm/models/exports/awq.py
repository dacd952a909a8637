"""``awq``: integers of 4 bits with a scale and a zero for every group of inputs, in AutoAWQ's order ``gemm``.

``qweight`` (inputs, outputs/8) and ``qzeros`` (groups, outputs/8) pack outputs; ``scales`` are (groups, outputs).
"""

import numpy as np

from golden.llm.models.exports.export import Export, Matrix, unpack

_PLACES = [0, 4, 1, 5, 2, 6, 3, 7]  # of eight neighbours in their word, from the lowest bits on
#: How the export was made and which program should run it; tensors say which modules are quantised.
_HARMLESS = (
    "quant_method", "backend", "modules_to_not_convert", "modules_to_fuse", "do_fuse", "fuse_max_seq_len",
    "exllama_config",
)  # fmt: skip


def _reader(settings):
    for bits in ("bits", "w_bit"):
        settings.expect(bits, 4)
    settings.expect("zero_point", True)
    for version in ("version", "format"):
        settings.expect(version, "gemm", "GEMM")
    size = settings.take("group_size", int, settings.take("q_group_size", int, 128))
    if size < 1 and size != -1:
        raise settings.refusal("group_size" if "group_size" in settings else "q_group_size")
    settings.refuse_unused(_HARMLESS)

    def matrix(parts):
        weight = parts.matrix("qweight", "I32")
        inputs, words = weight.shape
        step = inputs if size == -1 else size
        count = -(-inputs // step)
        scales = parts.take("scales", shape=(count, words * 8))
        zeros = parts.take("qzeros", "I32", shape=(count, words))

        def fetch():
            group = np.arange(inputs) // step
            difference = _ordered(weight) - _ordered(zeros)[:, group].astype(np.float32)
            return difference * scales.floats().T[:, group]

        return Matrix((words * 8, inputs), fetch)

    return matrix


def _ordered(part):
    """``part`` (n, outputs/8) unpacked as (outputs, n)."""
    values = unpack(part.ints(), 4)
    return values.reshape(len(values), -1, 8)[..., _PLACES].reshape(values.shape).T


EXPORT = Export("awq", _reader, ("qweight", "qzeros", "scales"))
