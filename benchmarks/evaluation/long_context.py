"""What Λ attention forgets on a long stream: the integer decoder beside dense float attention, part by part."""

import hashlib
import json
import time

from benchmarks.evaluation.measure import file_of, made_model
from benchmarks.evaluation.rows import SINKS, rows
from golden.errors import InputError
from golden.llm import models
from golden.llm.perplexity import predictions
from myhdl_acc.simulate.kept import keep, sources

PART = 1024


def long_context(subject, limit=None, only_kept=False):
    """What the subject's stream (rows.Stream) gives: ``{"tokens": number predicted, at most limit, "parts": {way:
    [perplexity of each part]}}``.

    Raises InputError where one would have to be measured and ``only_kept`` ones are wanted.
    """
    _, text = subject.stream.texts()
    calibration, _ = subject.texts()
    (row,) = (row for row in rows(subject) if row.name == subject.stream.row)
    tokens = min(subject.stream.tokens, limit or subject.stream.tokens)
    window = subject.stream.window
    digests = [_digest(models.locate(subject.source)), _digest(file_of(subject, row)), repr(row), calibration]
    model = models.load(subject.source)
    encoded = model.tokenizer.encode(text)[: tokens + 1]
    compressed = []

    def integer():
        if not compressed:
            compressed.append(made_model(subject, row, calibration)[0])
        return compressed[0]

    ways = {
        "float, dense": (lambda: model, {}),
        f"float, {SINKS} sinks + {window}": (lambda: model, {"sinks": SINKS, "window": window}),
        f"{row.name}, {SINKS} sinks + {window}": (integer, {"sinks": SINKS, "window": window}),
        f"{row.name}, {SINKS + window} without sinks": (integer, {"sinks": 0, "window": SINKS + window}),
    }
    results = {}
    for name, (get, options) in ways.items():
        parts = [*digests, text, repr((encoded[-1], tokens, name, PART)), *sources("golden")]

        def make(directory, get=get, options=options):
            if only_kept:
                raise InputError("no run has come to it yet")
            start = time.perf_counter()
            found = predictions(get(), encoded, stream=True, **options).parts(PART)
            (directory / "parts.json").write_text(json.dumps({"parts": found, "s": time.perf_counter() - start}))

        results[name] = json.loads((keep("stream", parts, make) / "parts.json").read_text())["parts"]
        print(f"{subject.name}: {name}: {' '.join(f'{value:.2f}' for value in results[name])}", flush=True)
    return {"tokens": len(encoded) - 1, "parts": results}


def _digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
