"""A stream is predicted part by part, with and without Λ, in floats and in integers."""

import numpy as np
import pytest

from benchmarks.evaluation import long_context as module
from benchmarks.evaluation.long_context import long_context
from golden.errors import InputError
from golden.llm import models
from golden.llm.compress import compress
from golden.llm.perplexity import predictions

DENSE, FLOAT = "float, dense", "float, 4 sinks + 8"
INTEGER, WITHOUT = "w8 nearest, 4 sinks + 8", "w8 nearest, 12 without sinks"


@pytest.fixture(autouse=True)
def short_parts(monkeypatch):
    monkeypatch.setattr(module, "PART", 25)


def test_all_ways(tiny):
    with pytest.raises(InputError, match="no run has come to it yet"):
        long_context(tiny, only_kept=True)
    found = long_context(tiny)
    model = models.load(tiny.source)
    tokens = model.tokenizer.encode(tiny.texts()[1])[:101]
    integer = compress(model, "w8")
    wanted = {
        DENSE: predictions(model, tokens, stream=True),
        FLOAT: predictions(model, tokens, sinks=4, window=8, stream=True),
        INTEGER: predictions(integer, tokens, sinks=4, window=8, stream=True),
        WITHOUT: predictions(integer, tokens, sinks=0, window=12, stream=True),
    }
    assert found["tokens"] == 100 and list(found["parts"]) == list(wanted)
    for way, parts in found["parts"].items():
        of_parts = [np.exp(likelihood.mean()) for likelihood in wanted[way].likelihood.reshape(4, 25)]
        assert parts == pytest.approx(of_parts)
    assert long_context(tiny, only_kept=True) == found


def test_a_quick_look(tiny, monkeypatch):
    monkeypatch.setattr(module, "made_model", lambda *arguments: (compress(models.load(tiny.source), "w8"), {}))
    found = long_context(tiny, limit=30)
    assert found["tokens"] == 30 and all(len(parts) == 2 for parts in found["parts"].values())
