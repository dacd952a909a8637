"""The generated parts of pages: what stands between ``<!-- generated: FACT ARGUMENT … -->`` and ``<!-- end -->``."""

import re
from pathlib import Path

from golden.errors import InputError
from scripts.docs.facts import FACTS

ROOT = Path(__file__).parents[2]
_PART = re.compile(r"<!-- generated: ([^>]+?) -->(.*?)<!-- end -->", re.DOTALL)


PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def all_pages():
    """(path, text as it should be) of every page."""
    for path in PAGES:
        yield path, filled(path.read_text("utf-8"), path.name)


def filled(text, page):
    """``text`` with its generated parts made anew; a fact of several lines begins on a line of its own.

    Raises InputError, led by ``page``, for a fact that does not exist, a part that does not end, and a fact of one line
    that begins a line.
    """

    def part(match):
        name, *arguments = match[1].split()
        if name not in FACTS:
            raise InputError(f"{page}: no fact {name!r}; there are {', '.join(FACTS)}")
        fact = FACTS[name](*arguments)
        begins_line = not text[: match.start()].rpartition("\n")[2].strip()
        if "\n" not in fact and begins_line:
            raise InputError(f"{page}: {match[1]!r} begins a line, where Markdown takes a comment for HTML")
        edge = "\n" if "\n" in fact else ""
        return f"<!-- generated: {match[1]} -->{edge}{fact}{edge}<!-- end -->"

    if text.count("<!-- generated:") != len(_PART.findall(text)):
        raise InputError(f"{page}: a generated part has no <!-- end -->")
    return _PART.sub(part, text)
