"""The HTML page opens offline and holds the run's data."""

from html.parser import HTMLParser

from recorded import recorded

from myhdl_acc.trace.events import Event, EventTable
from myhdl_acc.trace.run import Run
from myhdl_acc.viz.page import write_html

TABLE = EventTable(
    [
        Event(0, 6, "lane", 0, -1, "w2", "beat"),
        Event(6, 8, "lane", 0, -1, "", "no_command"),
        Event(0, 8, "sink_load", -1, -1, "", "idle"),
    ]
)


def test_holds_the_run_and_its_summary(tmp_path):
    write_html(tmp_path / "page.html", Run(TABLE), {"text": "<b>Alice & co</b>", "tokens": 3}, title="A <run>")
    html = (tmp_path / "page.html").read_text()
    assert "<b>Alice" not in html and "<run>" not in html
    assert "Alice" in html
    assert "stationary operands" in html and "beats from memory" not in html  # only streams that the table has
    assert "Not drawn, the same in every cycle: sink_load (idle)." in html


class Links(HTMLParser):
    """Addresses that a browser would fetch."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if (name == "src" or (tag == "link" and name == "href")) and not value.startswith("data:"):
                self.found.append(value)


def test_needs_no_network(tmp_path):
    write_html(tmp_path / "page.html", Run(TABLE), {})
    links = Links()
    links.feed((tmp_path / "page.html").read_text())
    assert links.found == []


def test_a_token_is_shown_by_matrix(tmp_path):
    write_html(tmp_path / "page.html", recorded(title="by <hand>"), {})
    html = (tmp_path / "page.html").read_text()
    assert "cached keys" in html and "layers.0.ffn_down" in html and "by <hand>: what lane 0" not in html
