"""Quantised models in safetensors files: every kind of export is a file with how its matrices become float32.

A matrix is quantised where its tensors say so; lists of exceptions are not read. Values are a product of two numbers
in float32, which is not rounded to a shorter type.
"""

from golden.errors import InputError
from golden.llm.models.constants import Constants
from golden.llm.models.exports import awq, compressed_tensors, fp8, gptq
from golden.llm.models.exports.export import Parts
from golden.llm.models.safetensors_file import FLOATS

EXPORTS = {module.EXPORT.name: module.EXPORT for module in (fp8, compressed_tensors, gptq, awq)}
"""By ``quant_method``."""
_WEIGHT = ".weight"


def quantised_matrices(path, settings, holders, names):
    """``({name: Matrix}, names of tensors done with)`` of those of ``names`` that are quantised.

    ``settings``: quantization_config in the file ``path``. ``holders`` {tensor: SafetensorsFile}. Raises InputError for
    a method that is none of EXPORTS, settings that are not understood, and tensors that do not fit.
    """
    if not isinstance(settings, dict):
        raise InputError(f"{path}: quantization_config must be an object")
    method = settings.get("quant_method")
    if not isinstance(method, str) or method not in EXPORTS:
        known = ", ".join(EXPORTS)
        raise InputError(
            f"{path}: quantization_config.quant_method = {str(method)[:80]!r} is not supported; {known} are"
        )
    export = EXPORTS[method]
    read = export.reader(Constants(path, settings, prefix="quantization_config."))
    matrices, used = {}, {name for name in holders if name.endswith(tuple(f".{ending}" for ending in export.spare))}
    for name in names:
        if not name.endswith(_WEIGHT):
            continue
        module = name.removesuffix(_WEIGHT)
        parts = {f"{module}.{ending}" for ending in export.parts} & holders.keys()
        if parts or (name in holders and holders[name].kinds[name] not in FLOATS):
            found = Parts(module, holders)
            matrices[name] = read(found)
            if name in holders and "weight" not in found.taken:
                raise InputError(f"{holders[name].path}: tensor {name} is there as well as its quantised parts")
            used |= parts
    return matrices, used | _silent_biases(matrices, holders, names)


def _silent_biases(matrices, holders, names):
    """Biases of ``matrices`` that are all 0 where the model has none: AutoGPTQ wrote one for each matrix.

    Those that a model can have, which are in ``names``, count as absent only if all of them are 0.
    """
    biases = {f"{name.removesuffix(_WEIGHT)}.bias" for name in matrices} & holders.keys()
    silent = {n for n in biases if holders[n].kinds[n] in FLOATS and not holders[n].floats(n).any()}
    heard = any(name in names for name in biases - silent)
    return {name for name in silent if not heard or name not in names}
