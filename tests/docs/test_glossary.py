"""docs/glossary.md has every term once, in order, and every link of the pages leads somewhere."""

import re

import pytest

from scripts.docs.pages import PAGES, ROOT

GLOSSARY = (ROOT / "docs" / "glossary.md").read_text("utf-8")
TERMS = re.findall(r"^\* \*\*(.+?)\*\*: ", GLOSSARY, re.MULTILINE)
#: Terms that pages use without defining them.
NEEDED = (
    "atom", "bank", "beat", "block", "chunk", "column", "decode", "head block", "head step", "lane", "operation",
    "parameter", "part", "pass", "patch", "prefill", "requantise", "row", "sink", "slice", "slot", "tap", "tile",
    "window",
)  # fmt: skip


def test_every_entry_is_a_term():
    assert len(TERMS) == len(re.findall(r"^\*", GLOSSARY, re.MULTILINE))


def test_terms_are_there_once_and_in_order():
    order = [term.replace("Λ", "lambda").casefold() for term in TERMS]
    assert order == sorted(set(order))


def test_needed_terms_are_there():
    assert set(NEEDED) <= set(TERMS)


def anchors(path):
    """The names that a page's headings can be linked by."""
    headings = re.findall(r"^#+ (.*)$", path.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text("utf-8")):
        if not target.startswith("http"):
            file, _, anchor = target.partition("#")
            page = path.parent / file if file else path
            assert page.exists(), target
            assert not anchor or anchor in anchors(page), target


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_files_that_are_named_exist(path):
    """A path may leave out the package's own folder, as in `report/perf/peers.py`."""
    folders = (ROOT, ROOT / "myhdl_acc")
    for name in re.findall(r"`((?:\w+/)+\w+\.(?:cpp|ipynb|json|md|py|tcl))`", path.read_text("utf-8")):
        assert "NAME" in name or any((folder / name).exists() for folder in folders), name
