"""The SVG picture is well formed and shows the tracks, the states and their lengths."""

from xml.etree import ElementTree

import pytest

from myhdl_acc.rtl.control.isa import OPS
from myhdl_acc.trace.events import LANE_STATES, Event, EventTable
from myhdl_acc.viz.palette import KINDS, colour
from myhdl_acc.viz.svg import write_svg

NS = "{http://www.w3.org/2000/svg}"


def test_shows_the_table(tmp_path):
    table = EventTable(
        [
            Event(0, 30, "lane", 0, -1, "w2", "beat"),
            Event(30, 40, "lane", 0, -1, "", "no_beat"),
            Event(0, 40, "a<b", -1, -1, "", "starved"),
        ]
    )
    write_svg(tmp_path / "run.svg", table, "A run & more")
    root = ElementTree.parse(tmp_path / "run.svg").getroot()
    texts = [text.text for text in root.iter(f"{NS}text")]
    assert {"A run & more", "lane 0", "a<b", "beat", "no_beat", "starved", "0", "40", "clock cycle"} <= set(texts)
    bars = [rect for rect in root.iter(f"{NS}rect") if float(rect.get("width").rstrip("%")) not in (12, 100)]
    widths = {rect.get("fill"): float(rect.get("width")) for rect in bars}
    assert widths[colour("beat")] == pytest.approx(3 * widths[colour("no_beat")])
    assert widths[colour("starved")] == pytest.approx(4 * widths[colour("no_beat")])


def test_the_vector_units_instructions_are_shown_by_kind_and_the_legend_stays_within_the_picture(tmp_path):
    ops = OPS["vector"]
    events = [Event(i, i + 1, "vector", -1, -1, "", op) for i, op in enumerate(ops)]
    events += [Event(i, i + 1, "lane", 0, -1, "", state) for i, state in enumerate(LANE_STATES)]
    write_svg(tmp_path / "run.svg", EventTable(events), "")
    root = ElementTree.parse(tmp_path / "run.svg").getroot()
    texts = {text.text: text for text in root.iter(f"{NS}text")}
    assert {KINDS[op] for op in ops} <= set(texts) and not set(ops) & set(texts)
    marks = {(mark.get("x"), mark.get("y")) for mark in root.iter(f"{NS}rect") if mark.get("width") == "12"}
    assert len(marks) == len({KINDS[op] for op in ops}) + len(LANE_STATES)
    assert all(float(x) + 12 < float(root.get("width")) for x, _ in marks)
    lowest_mark = max(float(y) for _, y in marks)
    bars = [bar for bar in root.iter(f"{NS}rect") if bar.get("width") not in ("12", "100%")]
    assert len({y for _, y in marks}) > 1 and min(float(bar.get("y")) for bar in bars) > lowest_mark + 12


@pytest.mark.parametrize("start, end, ticks", [(187105, 192036, range(187500, 192001, 500)), (3, 9, range(3, 10))])
def test_ticks_are_round(tmp_path, start, end, ticks):
    write_svg(tmp_path / "run.svg", EventTable([Event(start, end, "a", -1, -1, "", "starved")]), "")
    texts = [text.text for text in ElementTree.parse(tmp_path / "run.svg").getroot().iter(f"{NS}text")]
    assert [text for text in texts if text and text.isdigit()] == [str(tick) for tick in ticks]


def test_empty(tmp_path):
    write_svg(tmp_path / "run.svg", EventTable(), "nothing")
    ElementTree.parse(tmp_path / "run.svg")
