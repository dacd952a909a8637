"""What a compression has finished, on disk: an interrupted one goes on from there."""

import json
import os
import shutil

from safetensors import SafetensorError
from safetensors.numpy import save

from golden.errors import InputError
from golden.files import digest, digest_of, replacing
from golden.llm import container


class KeptLayers:
    """Compressed layers, and values, in ``directory``, a file each; with None nothing is kept.

    Whoever names the directory sees to it that only the same model compressed in the same way finds it again. A file's
    name ends in the digest of its content: one that has changed since is made again.
    """

    def __init__(self, directory):
        self._directory = directory

    def value(self, name, make):
        """What ``make()`` returns, now or in an earlier run: anything that JSON can hold."""
        if self._directory is None:
            return make()
        path = self._find(name, "json")
        if path is not None:
            with open(path, encoding="utf-8") as file:
                return json.load(file)
        made = make()
        self._write(name, "json", json.dumps(made).encode())
        return made

    def save(self, layer, matrices):
        """Keep ``{name: QuantisedMatrix}`` of ``layer``. Raises InputError where they cannot be written."""
        if self._directory is None:
            return
        tensors, kinds = container.matrix_tensors(matrices)
        self._write(f"layer-{layer}", "safetensors", save(tensors, {"kinds": json.dumps(kinds)}))

    def load(self, layer, shapes):
        """The matrices of ``layer``, which have ``shapes`` ({name: (rows, cols)}); None where none are kept."""
        if self._directory is None or (path := self._find(f"layer-{layer}", "safetensors")) is None:
            return None
        try:
            metadata, tensors = container.open_tensors(path)
            return container.read_matrices(shapes, json.loads(metadata["kinds"]), tensors)
        except (InputError, SafetensorError, KeyError, ValueError):  # of another model
            return None

    def remove(self):
        """Forget all layers."""
        if self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)

    def _find(self, name, ending):
        """The path of a file called ``name`` that is as it was written; None if there is none."""
        try:
            found = sorted(os.listdir(self._directory))
        except OSError:
            return None
        for path in (os.path.join(self._directory, file) for file in found if file.startswith(f"{name}-")):
            if os.path.isfile(path) and path.endswith(f"-{digest([path])}.{ending}"):
                return path
        return None

    def _write(self, name, ending, content):
        try:
            os.makedirs(self._directory, exist_ok=True)
        except OSError as error:
            raise InputError(f"cannot write {self._directory}: {error.strerror}") from None
        with replacing(os.path.join(self._directory, f"{name}-{digest_of(content)}.{ending}"), "wb") as file:
            file.write(content)


NOTHING_KEPT = KeptLayers(None)
