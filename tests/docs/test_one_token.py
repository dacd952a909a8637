"""The figures of the token in docs/accelerator.md, from events that are made up."""

import re

import pytest

from golden.errors import InputError
from myhdl_acc.trace.events import Event, EventTable
from scripts.docs.one_token import LAYER, LINES, measure
from scripts.docs.pages import ROOT

OPS = sum(LINES, ())


def table(layers):
    """Instructions of 10 cycles with 2 idle ones between, and as many beats of lane 0 as there are instructions."""
    ops = ("embed", *(op for layer in layers for op in layer), "norm", "logits")
    starts = range(100, 100 + 12 * len(ops), 12)
    events = [Event(start, start + 10, "vector", -1, -1, "", op) for start, op in zip(starts, ops, strict=True)]
    events += [Event(start - 2, start, "vector", -1, -1, "", "idle") for start in starts]
    events += [Event(start, start + 1, "lane", 0, -1, "w2", "beat") for start in starts]
    return EventTable([*events, Event(100, 400, "lane", 1, -1, "w2", "beat")])


def test_lines_begin_where_their_first_instruction_does():
    layers = [OPS] * (LAYER + 1)
    found = measure(table(layers))
    assert found["lines"] == [12 * len(line) for line in LINES]
    count = len(OPS) * len(layers) + 3
    assert found["vector_busy"] == 10 * count and found["beats"] == count
    assert found["cycles"] == 12 * count


def test_an_instruction_that_follows_itself_belongs_to_the_same_line():
    twice = tuple(op for op in OPS for _ in range(2 if op == "gather" else 1))
    found = measure(table([OPS] * LAYER + [twice]))
    gather = LINES.index(("gather",))
    assert found["lines"][gather] == 24 and found["lines"][gather + 1] == 12


def test_another_order_is_refused():
    with pytest.raises(InputError, match="need these instructions: norm values"):
        measure(table([OPS] * LAYER + [("norm", "values", *OPS[2:])]))


def test_the_pages_lines_are_those_that_are_measured():
    page = (ROOT / "docs" / "accelerator.md").read_text("utf-8")
    lines = re.findall(r"\|([^|\n]*)\| <!-- generated: one_token lines (\d+) -->", page)
    assert [int(number) for _, number in lines] == list(range(len(LINES)))
    for vector_unit, number in lines:
        assert set(re.findall(r"`(\w+)`", vector_unit)) == set(LINES[int(number)]), number
