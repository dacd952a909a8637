"""Formats of a model beside each other: more bits cost more bytes, and what is wrong is refused."""

import numpy as np
import pytest

from golden.errors import InputError
from golden.llm.models import embedded
from golden.llm.perplexity import perplexity
from myhdl_acc.viz.compression_panel import CompressionPanel
from myhdl_acc.viz.compression_runs import AS_IT_IS, CompressionChoice, run_compression

_TEXT = "She was very much surprised to hear that her father had been so long in the room."


def test_a_model_as_trained_and_in_another_format():
    said = []
    choice = CompressionChoice("austen", ("w4 nearest",), _TEXT, window=124)
    run = run_compression(choice, said.append)
    trained, four = run.points
    model = embedded.load("austen")
    assert trained.format == AS_IT_IS
    assert trained.perplexity == pytest.approx(perplexity(model, model.tokenizer.encode(_TEXT), 4, 124))
    assert trained.bits == 2 and four.bits == 4.25 and four.bytes > trained.bytes
    assert four.perplexity == pytest.approx(trained.perplexity, rel=0.1)  # w4 holds what w2 does
    assert "".join(run.pieces) == _TEXT and len(run.pieces) == len(trained.likelihood) + 1
    assert np.exp(np.mean(trained.likelihood)) == pytest.approx(trained.perplexity)
    assert "w4 nearest: compressing" in said


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"text": "a"}, "2 to 4,096 tokens, not 1"),
        ({"formats": ("w3 nearest",)}, "no format 'w3 nearest'"),
        ({"model": "nobody.acc"}, "nobody.acc"),
    ],
)
def test_what_cannot_be_run(changes, message):
    with pytest.raises(InputError, match=message):
        run_compression(CompressionChoice(**{"model": "austen", "formats": (), "text": _TEXT} | changes))


def test_the_panel_shows_points_and_what_each_token_cost():
    panel = CompressionPanel()
    try:
        run = run_compression(CompressionChoice("austen", (), "She was <b>not</b>."))
        panel.show_run(panel.settings(), run)
        assert list(panel._points.data["format"]) == [AS_IT_IS]
        assert "&lt;unk&gt;" in panel._box.notes.value and "<unk>" not in panel._box.notes.value
    finally:
        panel.close()
