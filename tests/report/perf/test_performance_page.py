"""docs/performance.md shows the peers that perf prints."""

from dataclasses import astuple
from pathlib import Path

from myhdl_acc.report.perf.peers import PEERS

DOCUMENT = Path(__file__).parents[3] / "docs" / "performance.md"


def test_the_page_has_every_peer():
    rows = [line for line in DOCUMENT.read_text().splitlines() if "arXiv" in line and line.startswith("|")]
    assert rows == ["| " + " | ".join(astuple(peer)) + " |" for peer in PEERS]
