"""The page of a run as a reader has it: zoom is exact, the wheel scrolls, the legend is whole, text stays text."""

import numpy as np
import pytest
from browser.looks import count, figure, pixels

from myhdl_acc.rtl.control.isa import OPS
from myhdl_acc.trace.events import LANE_STATES, STREAM_STATES, EventTable
from myhdl_acc.trace.run import Run
from myhdl_acc.viz.page import write_html
from myhdl_acc.viz.palette import COLOURS, KINDS

CYCLES = 60_000
NASTY = "<img src=x onerror=alert(1)>"


def run_of_every_state():
    """As many events as a token has: every unit, every state, one lane that alternates in every cycle."""
    rng = np.random.default_rng(0)
    table = EventTable()

    def fill(unit, lane, states, lengths):
        edges = np.unique(np.r_[np.cumsum(lengths)[np.cumsum(lengths) < CYCLES], 0, CYCLES])
        chosen = np.arange(len(edges) - 1) % len(states)
        table.extend_columns(edges[:-1], edges[1:], unit, lane, op=NASTY, state=[states[i] for i in chosen])

    fill("sink_r", 0, STREAM_STATES, rng.integers(1, 9, CYCLES))
    fill("vector", -1, OPS["vector"], np.full(CYCLES // 300, 300))
    fill("lane", 1, LANE_STATES, rng.integers(1, 40, CYCLES))
    fill("lane", 0, ("beat", "no_beat"), np.ones(CYCLES, int))
    table.extend_columns([0], [CYCLES], "source_w", 0, state="idle")
    return table


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "run.html"
    write_html(path, Run(run_of_every_state()), {"text": NASTY}, title=f"A run {NASTY}")
    return path.as_uri()


@pytest.fixture
def run(page, address):
    page.goto(address)
    page.wait_for_function("window.Bokeh?.documents[0]?.is_idle")
    return page


def wheel(page, times, delta, key=None):
    """Turn the wheel over the middle of the Gantt chart."""
    frame = figure(page)["frame"]
    page.mouse.move(frame["x"] + frame["width"] / 2, frame["y"] + 10)
    if key:
        page.keyboard.down(key)
    for _ in range(times):
        page.mouse.wheel(0, delta)
    if key:
        page.keyboard.up(key)
    page.wait_for_timeout(300)


def test_zoom_is_exact_and_the_axis_says_what_is_seen(run):
    before = figure(run)
    assert (before["start"], before["end"]) == (0, CYCLES)
    assert not before["visible"][0] and "stacked by the share" in before["label"]
    wheel(run, 6, -1000, "Control")
    near = figure(run)
    assert near["end"] - near["start"] == pytest.approx(8) and 0 <= near["start"] < near["end"] <= CYCLES
    assert near["visible"] == [True, False, False, False] and "every event" in near["label"]
    assert all(tick == int(tick) for tick in near["ticks"]) and len(near["ticks"]) > 3
    # Lane 0 alternates in every cycle: its row has the two colours in equal parts, and no other.
    frame = near["frame"]
    run.mouse.move(0, 0)  # so that no hover covers the row
    run.wait_for_timeout(200)
    row = pixels(run, {"x": frame["x"], "y": frame["y"] + 6, "width": frame["width"], "height": 6})
    shares = [count(row, COLOURS[state]) / row[..., 0].size for state in ("beat", "no_beat")]
    assert shares == pytest.approx([0.5, 0.5], abs=0.07)
    wheel(run, 20, 1000, "Control")
    far = figure(run)
    assert (far["start"], far["end"]) == (0, CYCLES) and far["visible"] == before["visible"]


def test_the_wheel_scrolls_the_page(run):
    run.set_viewport_size({"width": 1100, "height": 400})
    wheel(run, 1, 200)
    assert run.evaluate("scrollY") == 200
    assert (figure(run)["start"], figure(run)["end"]) == (0, CYCLES)


@pytest.mark.parametrize("width", [500, 1100, 1800])
def test_the_legend_is_whole_and_figures_are_as_wide_as_the_page(run, width):
    run.set_viewport_size({"width": width, "height": 900})
    run.wait_for_timeout(300)
    assert run.evaluate("document.documentElement.scrollWidth") == width
    entries = run.locator(".legend-entry").all()
    shown = {KINDS.get(state, state) for state in (*STREAM_STATES, *LANE_STATES, *OPS["vector"])}
    assert {entry.inner_text().strip() for entry in entries} == shown and len(entries) == len(shown)
    boxes = [entry.bounding_box() for entry in entries]
    top = figure(run)["frame"]["y"]
    for number, box in enumerate(boxes):
        assert box["x"] >= 0 and box["x"] + box["width"] <= width and box["y"] + box["height"] <= top
        for other in boxes[:number]:
            assert (
                abs(box["y"] - other["y"]) >= min(box["height"], other["height"]) - 3
                or box["x"] >= other["x"] + other["width"]
                or other["x"] >= box["x"] + box["width"]
            )
    colours = {
        count(pixels(run, box), COLOURS[entry.inner_text().strip()]) > 50
        for entry, box in zip(entries, boxes, strict=True)
    }
    assert colours == {True}
    frame = figure(run)["frame"]
    assert 0.8 * width - 120 < frame["width"] < width


def test_hover_names_the_event_and_text_stays_text(run):
    wheel(run, 6, -1000, "Control")
    frame = figure(run)["frame"]
    run.mouse.move(frame["x"] + frame["width"] / 2, frame["y"] + 10)
    run.mouse.move(frame["x"] + frame["width"] / 2 + 30, frame["y"] + 11)
    run.wait_for_timeout(300)
    hover = run.locator(".bk-Tooltip:visible", has_text="state")
    for text in ("lane 0", NASTY, "beat"):
        hover = hover.filter(has_text=text)
    assert hover.count() == 1 and hover.filter(has_text="share").count() == 0
    assert run.locator("img[src=x]").count() == 0
    assert run.locator("h1").inner_text() == f"A run {NASTY}"


def test_rows_are_sorted_and_idle_ones_folded(run):
    rows = run.evaluate("[...Bokeh.documents[0].roots()[0].left[0].major_label_overrides.values()]")
    assert rows == ["lane 0", "lane 1", "vector", "sink_r 0"]
    assert "source_w 0 (idle)" in run.inner_text("body")
