"""One row of the report: made, run, and kept in the cache with everything it depends on as its name."""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time

import numpy as np

from benchmarks.evaluation.rows import SINKS
from golden.errors import InputError
from golden.llm import container, models
from golden.llm.models import embedded
from golden.llm.perplexity import predictions
from golden.llm.quantised_model import AccModel
from myhdl_acc.simulate.kept import keep, sources


def measure(subject, row, tokens, only_kept=False, progress=None):
    """The figures of ``row`` for ``subject`` on its held-out text, a dictionary; ``best`` are the predicted tokens.

    Raises InputError where the row cannot be had: a package, a file or an option is missing, or it would have to be
    measured and ``only_kept`` ones are wanted.
    """
    calibration, held_out = subject.texts()
    with open(file_of(subject, row), "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    parts = [digest, repr(row), calibration, held_out, repr((tokens, subject.window)), *sources("golden")]

    def make(directory):
        if only_kept:
            raise InputError("no run has come to it yet")
        start = time.perf_counter()
        model, sizes = made_model(subject, row, calibration)
        made = time.perf_counter() - start
        text = model.tokenizer.encode(held_out)[:tokens]
        start = time.perf_counter()
        found = predictions(model, text, progress=progress, **_options(subject, row))
        figures = {
            "perplexity": found.perplexity,
            "tokens": len(text),
            **sizes,
            "seconds_to_make": round(made, 1),
            "tokens_per_second": round(len(text) / (time.perf_counter() - start), 1),
        }
        (directory / "figures.json").write_text(json.dumps(figures))
        np.save(directory / "best.npy", found.best)

    directory = keep("accuracy", parts, make)
    return json.loads((directory / "figures.json").read_text()) | {"best": np.load(directory / "best.npy")}


def _options(subject, row):
    if not row.is_float:
        return {"sinks": SINKS, "window": subject.window}
    options = {name: value for name, value in row.options.items() if name != "lambda"}
    return options | ({"sinks": SINKS, "window": subject.window} if "lambda" in row.options else {})


def file_of(subject, row):
    """The file that ``row`` begins with: the float weights, or a trained model. Raises InputError if it is missing."""
    if not row.trained:
        return models.locate(subject.source)
    trained = subject.trained[row.trained]
    if isinstance(trained, str):
        return os.path.join(os.path.dirname(embedded.__file__), f"{trained}.acc")
    if not os.path.isfile(trained.path):
        raise InputError(f"{trained.path} is not there; --train makes it, in hours")
    return trained.path


def made_model(subject, row, calibration):
    """``(the model that row runs, its sizes)``; see _sizes()."""
    if row.is_float:
        model = models.load(subject.source)
        size = 4 * model.spec.parameters
        return model, {"bytes": size, "bytes_read": size, "bits": 32.0}
    model = container.load(file_of(subject, row)) if row.trained else _compressed(subject, row, calibration)
    return model, _sizes(model)


def _compressed(subject, row, calibration):
    """What ``myhdl-acc compress`` makes: the same command that a user types."""
    with tempfile.TemporaryDirectory() as directory:
        target, text = os.path.join(directory, "model.acc"), os.path.join(directory, "calibration.txt")
        arguments = list(row.arguments)
        if row.calibrated:
            with open(text, "w", encoding="utf-8") as file:
                file.write(calibration)
            arguments += ["--calibration", text]
        command = [sys.executable, "-m", "myhdl_acc", "compress", subject.source, "-o", target, *arguments]
        process = subprocess.run(command, capture_output=True, text=True)
        if process.returncode:
            said = process.stderr.strip().splitlines() or [f"nothing, and ends with {process.returncode}"]
            raise InputError(f"compress says: {said[-1]}")
        return container.load(target)  # its tensors stay mapped when the file's name is gone


def _sizes(model: AccModel):
    """Bytes of all weights, and of those that every token reads; bits per weight of the layers' matrices."""
    inner = [matrix.packed for name, matrix in model.matrices.items() if name not in ("embedding", "head")]
    octets = sum(_octets(part) for part in inner)
    return {
        "bytes": model.weight_bytes,
        "bytes_read": octets + _octets(model.head.packed),
        "bits": 8 * octets / sum(part.rows * part.cols for part in inner),
    }


def _octets(packed):
    return packed.atoms.nbytes + (0 if packed.scales is None else packed.scales.nbytes)
