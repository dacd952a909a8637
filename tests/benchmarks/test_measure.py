"""A row's figures are those of the model, the text and the options that it stands for."""

import subprocess

import numpy as np
import pytest

from benchmarks.evaluation.measure import measure
from benchmarks.evaluation.rows import SINKS, Row
from golden.errors import InputError
from golden.llm import container, models
from golden.llm.compress import compress
from golden.llm.perplexity import predictions

ALL = Row("float, A8 KV4 Λ", options={"int8_activations": True, "int4_cache": True, "lambda": True})
NEAREST = Row("w8 nearest", arguments=("--weights", "w8", "--method", "nearest"))


def expected(subject, model, **options):
    return predictions(model, models.load(subject.source).tokenizer.encode(subject.texts()[1])[:40], **options)


def agrees(figures, found):
    return figures["perplexity"] == pytest.approx(found.perplexity) and (figures["best"] == found.best).all()


def test_floats(tiny):
    model = models.load(tiny.source)
    figures = measure(tiny, Row("float", options={}), 40)
    assert agrees(figures, expected(tiny, model))
    assert figures["tokens"] == 40 and figures["bits"] == 32
    assert figures["bytes"] == 4 * sum(model.tensor(name).size for name in model.spec.tensors)
    rounded = measure(tiny, ALL, 40)
    options = {"int8_activations": True, "int4_cache": True, "sinks": SINKS, "window": tiny.window}
    assert agrees(rounded, expected(tiny, model, **options)) and rounded["perplexity"] != figures["perplexity"]


def test_integers(tiny):
    """Compressed by the command line, decoded with Λ; a w8 matrix without padding has eight bits per weight."""
    figures = measure(tiny, NEAREST, 40)
    model = compress(models.load(tiny.source), "w8")
    assert agrees(figures, expected(tiny, model, sinks=SINKS, window=tiny.window))
    assert figures["bits"] == 8
    assert figures["bytes"] == model.weight_bytes
    inner = sum(rows * cols for rows, cols in model.spec.layer_matrices.values())
    assert inner + 8 * 32 <= figures["bytes_read"] <= figures["bytes"]


def test_kept(tiny):
    row = Row("float", options={})
    with pytest.raises(InputError, match="no run has come to it yet"):
        measure(tiny, row, 40, only_kept=True)
    first = measure(tiny, row, 40)
    again = measure(tiny, row, 40, only_kept=True)
    assert (again.pop("best") == first.pop("best")).all() and again == first
    for changed in ((tiny, ALL, 40), (tiny, row, 39)):
        with pytest.raises(InputError, match="no run has come to it yet"):
            measure(*changed, only_kept=True)


def test_a_trained_row_is_that_of_its_file(tiny):
    row = Row("w2 trained", trained="w2")
    with pytest.raises(InputError, match=r"trained\.acc is not there; --train makes it"):
        measure(tiny, row, 40)
    for kind in ("w2", "w4"):
        model = compress(models.load(tiny.source), kind)
        container.save(model, tiny.trained["w2"].path)
        assert agrees(measure(tiny, row, 40), expected(tiny, model, sinks=SINKS, window=tiny.window))


def test_a_refused_compression_is_the_reason(tiny):
    row = Row("w2 gptq", arguments=("--weights", "w2", "--method", "gptq"), calibrated=True)
    with pytest.raises(InputError, match=r"^compress says: .*the text has 1 tokens; at least 16 are needed"):
        measure(tiny, row, 40)


def test_a_killed_compression_is_the_reason(tiny, monkeypatch):
    """For want of memory, say: it says nothing then."""
    killed = subprocess.CompletedProcess([], -9, "", "")
    monkeypatch.setattr(subprocess, "run", lambda *arguments, **options: killed)
    with pytest.raises(InputError, match=r"^compress says: nothing, and ends with -9$"):
        measure(tiny, NEAREST, 40)


def test_progress(tiny):
    seen = []
    measure(tiny, Row("float", options={}), 40, progress=seen.append)
    assert seen[-1] == 40 and (np.diff(seen) > 0).all()
