"""The picture of one token is well formed and shows rows, names, arrows, queues and memory."""

from xml.etree import ElementTree

import pytest
from recorded import recorded

from myhdl_acc.trace.events import EventTable
from myhdl_acc.trace.run import Run
from myhdl_acc.viz.token_bars import READ_COLOURS, ROWS
from myhdl_acc.viz.token_svg import write_token_svg

NS = "{http://www.w3.org/2000/svg}"


def parts(path, name):
    return list(ElementTree.parse(path).getroot().iter(f"{NS}{name}"))


def test_shows_the_run(tmp_path):
    write_token_svg(tmp_path / "run.svg", recorded(), "A token & more")
    texts = [text.text for text in parts(tmp_path / "run.svg", "text")]
    assert {"A token & more", *ROWS, "layer 0", "down", "add", "weights", "no operand", "20"} <= {*texts}
    assert "cached keys" not in texts  # which it does not read
    assert "Beats read and not yet taken, 8 beats deep: fullest 5, emptiest 5" in texts
    rects = parts(tmp_path / "run.svg", "rect")
    widths = [float(r.get("width")) for r in rects if r.get("fill") == READ_COLOURS["weights"]][1:]  # behind the legend
    assert widths == [pytest.approx(820 * 5 / 20)]
    arrow, *dashed = parts(tmp_path / "run.svg", "line")
    assert float(arrow.get("x1")) < float(arrow.get("x2")) and float(arrow.get("y1")) > float(arrow.get("y2"))
    assert len(dashed) == 2 and len(parts(tmp_path / "run.svg", "polyline")) == 1


def test_without_memory_ports(tmp_path):
    run = recorded()
    run = Run(EventTable(e for e in run.table if e.unit != "sink_r"), run.about, run.steps, run.needs)
    write_token_svg(tmp_path / "run.svg", run, "")
    assert not parts(tmp_path / "run.svg", "polyline")
