"""What pages and figures say is what the code and docs/data say: if one of these fails, run `make docs`."""

import re

import pytest

from golden.errors import InputError
from scripts.docs.figures import FIGURES
from scripts.docs.pages import PAGES, ROOT, filled


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_page_is_not_stale(path):
    text = path.read_text("utf-8")
    assert text == filled(text, path.name), "run `make docs`"


@pytest.mark.parametrize("name", FIGURES)
def test_figure_is_not_stale(name):
    assert (ROOT / "docs" / name).read_text("utf-8") == FIGURES[name](), "run `make docs`"


@pytest.mark.parametrize("page, fact", [("instructions.md", "encoding"), ("registers.md", "registers")])
def test_tables_are_generated(page, fact):
    assert f"<!-- generated: {fact} -->" in (ROOT / "docs" / page).read_text("utf-8")


def test_a_part_is_made_anew():
    text = "It takes <!-- generated: constant engine.atom_dot LATENCY -->99<!-- end --> cycles."
    assert re.fullmatch(r"It takes <!-- [^>]* -->\d<!-- end --> cycles\.", filled(text, "page.md"))


def test_a_fact_of_several_lines_stands_alone():
    text = filled("<!-- generated: presets -->old<!-- end -->", "page.md")
    assert text.split("\n")[1] == "| | `tiny` | `demo` | `u280` |" and text.endswith("|\n<!-- end -->")


@pytest.mark.parametrize(
    "text, problem",
    [
        ("<!-- generated: nothing --><!-- end -->", "page.md: no fact 'nothing'"),
        ("<!-- generated: presets -->", "page.md: a generated part has no <!-- end -->"),
    ],
)
def test_wrong_parts_are_refused(text, problem):
    with pytest.raises(InputError, match=problem):
        filled(text, "page.md")
