"""What a compression has finished, on disk: an interrupted one goes on from there."""

import json
import os
import shutil

from safetensors import SafetensorError
from safetensors.numpy import save

from golden import container
from golden.errors import InputError
from golden.files import replacing


class KeptLayers:
    """Compressed layers, and values, in ``directory``, a file each; with None nothing is kept.

    Whoever names the directory sees to it that only the same model compressed in the same way finds it again.
    """

    def __init__(self, directory):
        self._directory = directory

    def value(self, name, make):
        """What ``make()`` returns, now or in an earlier run: anything that JSON can hold."""
        if self._directory is None:
            return make()
        path = os.path.join(self._directory, f"{name}.json")
        try:
            with open(path, encoding="utf-8") as file:
                return json.load(file)
        except (OSError, ValueError):  # absent or damaged
            made = make()
        with self._replacing(path, "w") as file:
            json.dump(made, file)
        return made

    def save(self, layer, matrices):
        """Keep ``{name: QuantisedMatrix}`` of ``layer``. Raises InputError where they cannot be written."""
        if self._directory is None:
            return
        tensors, kinds = container.matrix_tensors(matrices)
        with self._replacing(self._path(layer), "wb") as file:
            file.write(save(tensors, {"kinds": json.dumps(kinds)}))

    def load(self, layer, shapes):
        """The matrices of ``layer``, which have ``shapes`` ({name: (rows, cols)}); None where none are kept."""
        if self._directory is None or not os.path.isfile(path := self._path(layer)):
            return None
        try:
            metadata, tensors = container.open_tensors(path)
            return container.read_matrices(shapes, json.loads(metadata["kinds"]), tensors)
        except (InputError, SafetensorError, KeyError, ValueError):  # damaged: to be made again
            return None

    def remove(self):
        """Forget all layers."""
        if self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)

    def _replacing(self, path, mode):
        try:
            os.makedirs(self._directory, exist_ok=True)
        except OSError as error:
            raise InputError(f"cannot write {self._directory}: {error.strerror}") from None
        return replacing(path, mode)

    def _path(self, layer):
        return os.path.join(self._directory, f"layer-{layer}.safetensors")


NOTHING_KEPT = KeptLayers(None)
