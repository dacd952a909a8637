"""``gptq``: integers of 4 or 8 bits with a scale and a zero for every group of inputs (AutoGPTQ, GPTQModel).

``qweight`` (inputs·bits/32, outputs) packs inputs, ``qzeros`` (groups, outputs·bits/32) outputs; ``scales`` are
(groups, outputs). ``g_idx`` (inputs) numbers the group of every input; without it they follow each other. The first
version of the format, ``gptq``, holds zeros less 1, modulo 2^bits; ``gptq_v2`` holds them as they are.
"""

import numpy as np

from golden.llm.models.exports.export import Export, Matrix, groups, unpack

#: How the export was made, on what, and which program should run it; tensors say which modules are quantised.
_HARMLESS = (
    "quant_method", "sym", "desc_act", "static_groups", "true_sequential", "damp_percent", "damp_auto_increment", "mse",
    "act_group_aware", "dataset", "tokenizer", "meta", "model_name_or_path", "model_file_base_name", "model_seqlen",
    "max_input_length", "batch_size", "pad_token_id", "block_name_to_quantize", "module_name_preceding_first_block",
    "modules_in_block_to_quantize", "cache_block_outputs", "lm_head", "backend", "use_exllama", "disable_exllama",
    "exllama_config", "use_cuda_fp16", "modules_to_not_convert",
)  # fmt: skip


def _reader(settings):
    bits = settings.take("bits", int)
    size = settings.take("group_size", int, 128)
    version = settings.take("checkpoint_format", str, settings.take("format", str, "gptq"))
    if bits not in (4, 8):
        raise settings.refusal("bits")
    if size < 1 and size != -1:
        raise settings.refusal("group_size")
    if version not in ("gptq", "gptq_v2"):
        raise settings.refusal("checkpoint_format" if "checkpoint_format" in settings else "format")
    settings.expect("pack_dtype", "int32")
    settings.expect("is_marlin_format", False)
    for pattern in settings.take("dynamic", dict, {}):
        if not pattern.startswith("-:"):  # others have settings of their own
            raise settings.refusal("dynamic")
    settings.refuse_unused(_HARMLESS)

    def matrix(parts):
        weight = parts.matrix("qweight", "I32")
        outputs, inputs = weight.shape[1], weight.shape[0] * 32 // bits
        count = 1 if size == -1 else -(-inputs // size)
        scales = parts.take("scales", shape=(count, outputs))
        zeros = parts.take("qzeros", "I32", shape=(count, outputs * bits // 32))
        if outputs * bits % 32:
            raise weight.refusal(f"a multiple of {32 // bits} wide")
        stated = None
        if "g_idx" in parts:
            stated = groups(parts.take("g_idx", "I32", "I64", shape=(inputs,)), count)

        def fetch():
            group = np.arange(inputs) // (inputs if size == -1 else size) if stated is None else stated
            offset = (unpack(zeros.ints(), bits).T + np.uint8(version == "gptq")) & np.uint8((1 << bits) - 1)
            # take() gives rows, as unpacked weights are; indexing gives columns, and the rest is several times slower.
            difference = unpack(weight.ints().T, bits) - offset.take(group, 1).astype(np.float32)
            return difference * scales.floats().T.take(group, 1)

        return Matrix((outputs, inputs), fetch)

    return matrix


EXPORT = Export("gptq", _reader, ("qweight", "qzeros", "scales", "g_idx"))
