"""What Λ attention forgets on a long stream: the integer decoder beside dense float attention, part by part."""

import hashlib
import json
import time

from benchmarks.evaluation.measure import source_path
from benchmarks.evaluation.rows import SINKS
from golden import models
from golden.compress import compress
from golden.errors import InputError
from golden.perplexity import predictions
from myhdl_acc.kept import keep, sources

PART = 1024


def long_context(subject, limit=None, only_kept=False):
    """``{way: [perplexity of each part]}`` of the subject's stream (rows.Stream); at most ``limit`` tokens of it.

    Raises InputError where one would have to be measured and ``only_kept`` ones are wanted.
    """
    _, text = subject.stream.texts()
    tokens = min(subject.stream.tokens, limit or subject.stream.tokens)
    window = subject.stream.window
    with open(source_path(subject), "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    model = models.load(subject.source)
    encoded = model.tokenizer.encode(text)[: tokens + 1]
    compressed = []

    def integer():
        if not compressed:
            compressed.append(compress(model, subject.stream.kind))
        return compressed[0]

    kind = subject.stream.kind
    ways = {
        "float, dense": (lambda: model, {}),
        f"float, {SINKS} sinks + {window}": (lambda: model, {"sinks": SINKS, "window": window}),
        f"{kind}, {SINKS} sinks + {window}": (integer, {"sinks": SINKS, "window": window}),
        f"{kind}, {SINKS + window} without sinks": (integer, {"sinks": 0, "window": SINKS + window}),
    }
    results = {}
    for name, (get, options) in ways.items():
        parts = [digest, text, repr((encoded[-1], tokens, name, PART)), *sources("golden")]

        def make(directory, get=get, options=options):
            if only_kept:
                raise InputError("no run has come to it yet")
            start = time.perf_counter()
            found = predictions(get(), encoded, stream=True, **options).parts(PART)
            (directory / "parts.json").write_text(json.dumps({"parts": found, "s": time.perf_counter() - start}))

        results[name] = json.loads((keep("stream", parts, make) / "parts.json").read_text())["parts"]
        print(f"{subject.name}: {name}: {' '.join(f'{value:.2f}' for value in results[name])}", flush=True)
    return results
