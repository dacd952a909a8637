"""The HTML page opens offline and holds the run's data."""

import json
import re
from html.parser import HTMLParser

from myhdl_acc.trace.events import Event, EventTable
from myhdl_acc.viz.page import write_html

TABLE = EventTable(
    [
        Event(0, 6, "lane", 0, -1, "w2", "beat"),
        Event(6, 8, "lane", 0, -1, "", "no_command"),
        Event(0, 8, "sink_load", -1, -1, "", "idle"),
    ]
)


def sources(html):
    """The data of every ColumnDataSource of the page's embedded document."""
    (document,) = re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', html, re.DOTALL)
    found = []

    def walk(node):
        if isinstance(node, dict):
            if node.get("name") == "ColumnDataSource":
                entries = node["attributes"]["data"]["entries"]
                found.append(dict(entries))
            for child in node.values():
                walk(child)
        elif isinstance(node, list):
            for child in node:
                walk(child)

    walk(json.loads(document.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")))
    return found


def test_holds_the_run_and_its_summary(tmp_path):
    write_html(tmp_path / "page.html", TABLE, {"text": "<b>Alice & co</b>", "tokens": 3}, title="A <run>")
    html = (tmp_path / "page.html").read_text()
    gantt, bars = sources(html)
    assert gantt["state"] == ["beat", "no_command", "idle"] and gantt["right"] == [6, 8, 8]
    assert bars["state"] == ["beat", "no_command", "idle"] and bars["cycles"] == [6, 2, 8]
    assert bars["right"] == [75.0, 100.0, 100.0]
    assert "<b>Alice" not in html and "<run>" not in html
    assert "Alice" in html
    assert "stationary operands" in html and "beats from memory" not in html  # only streams that the table has


class Links(HTMLParser):
    """Addresses that a browser would fetch."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name == "src" or (tag == "link" and name == "href"):
                self.found.append(value)


def test_needs_no_network(tmp_path):
    write_html(tmp_path / "page.html", TABLE, {})
    links = Links()
    links.feed((tmp_path / "page.html").read_text())
    assert links.found == []
