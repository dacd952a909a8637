"""One token by matrix as a reader has it: bars are named where there is room, and the pointer says what they are."""

import pytest
from browser.looks import count, figure, pixels
from recorded import recorded

from myhdl_acc.viz.page import write_html
from myhdl_acc.viz.token_bars import READ_COLOURS

WAIT = 4000  # cycles: too many for short bars to be seen beside it


@pytest.fixture
def run(page, tmp_path):
    write_html(tmp_path / "run.html", recorded(WAIT), {})
    page.goto((tmp_path / "run.html").as_uri())
    page.wait_for_function("window.Bokeh?.documents[0]?.is_idle")
    page.wait_for_timeout(200)
    return page


def names(page):
    return page.evaluate(
        "[...Bokeh.documents[0].roots()[0].renderers.find(r => r.glyph.type == 'Text').data_source.data.text]"
    )


def zoom(page, start, end):
    page.evaluate(f"Bokeh.documents[0].roots()[0].x_range.setv({{start: {start}, end: {end}}})")
    page.wait_for_timeout(300)


def test_bars_are_named_where_there_is_room(run):
    assert names(run) == ["layer 0", "embed"]  # the vector unit embeds for 4,000 cycles
    zoom(run, WAIT, WAIT + 16)
    assert names(run) == ["layer 0", "down", "embed", "add"]


def test_the_pointer_says_what_a_matrix_took(run):
    zoom(run, WAIT, WAIT + 16)
    frame = figure(run)["frame"]
    x, y = frame["x"] + frame["width"] * 10 / 16, frame["y"] + frame["height"] * 3 / 8
    weights = pixels(run, {"x": x - 40, "y": y - 8, "width": 10, "height": 16})
    assert count(weights, READ_COLOURS["weights"]) == 160
    run.mouse.move(x - 20, y)
    run.mouse.move(x - 10, y)
    run.wait_for_timeout(300)
    assert run.locator(".bk-Tooltip:visible", has_text="layers.0.ffn_down · w2, 6 beats, 4,006 cycles").count() == 1


def test_all_figures_of_cycles_zoom_together_and_begin_below_each_other(run):
    zoom(run, 100, 300)
    places = [figure(run, number) for number in range(4)]
    assert {(place["start"], place["end"]) for place in places} == {(100, 300)}
    frames = [place["frame"] for place in places[:3]]
    assert max(frame["x"] for frame in frames) - min(frame["x"] for frame in frames) <= 1
    assert max(frame["width"] for frame in frames) - min(frame["width"] for frame in frames) <= 3


def test_all_lost_cycles_are_named(run):
    lost = run.evaluate("[...Bokeh.documents[0].roots().at(-1).renderers[0].data_source.data.cycles]")
    assert sum(lost) == WAIT + 16 - 8  # of which a lane had a beat
