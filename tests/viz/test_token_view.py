"""The figures of one token share their cycles, show all bars, and leave out what was not recorded."""

from recorded import recorded

from myhdl_acc.report.synthesis import Resources
from myhdl_acc.trace.events import EventTable
from myhdl_acc.trace.run import Run
from myhdl_acc.viz.half_depth import HalfDepth
from myhdl_acc.viz.token_view import TokenView


def test_shows_a_run_after_another():
    view = TokenView(recorded(title="first"))
    rows, queues, memory = view.figures
    assert rows.x_range is queues.x_range is memory.x_range and rows.x_range.bounds == (0, 20)
    assert "first" in rows.title.text and "fullest 5, emptiest 5" in queues.title.text
    assert len(view.bars.data["left"]) == len(view.bars.data["y"]) == 11 and len(view.arrows.data["x0"]) == 1
    view.show(recorded(wait=30, title="second"))
    assert rows.x_range.bounds == (0, 46) and "second" in rows.title.text


def test_a_long_title_takes_lines():
    rows = TokenView(recorded(title="austen, the last token, window 60, sinks 4, memory ideal")).figures[0]
    *first, last = rows.title.text.split("\n")
    assert len(first) == 1 and last.endswith("waited for") and max(map(len, (*first, last))) <= 64
    assert rows.height > TokenView(recorded()).figures[0].height


def test_white_on_dark():
    view = TokenView(recorded())
    dark = dict(zip(view.bars.data["kind"], view.bars.data["dark"], strict=True))
    assert dark["weights"] and not dark["parameters"] and not dark["layer"]


def test_without_memory_ports():
    run = recorded()
    units = Run(EventTable(e for e in run.table if e.unit != "sink_r"), run.about, run.steps, run.needs)
    view = TokenView(units)
    assert [figure.visible for figure in view.figures] == [True, False, False]
    view.show(run)
    assert all(figure.visible for figure in view.figures)


def test_half_the_depth_is_shown_below_as_long_as_it_takes():
    view = TokenView(recorded())
    assert not view.halved.visible
    view.show(recorded(), HalfDepth(recorded(wait=9), Resources(lut=124, bram36=16), Resources(lut=120, bram36=8)))
    assert view.halved.visible and view.halved.x_range is view.figures[0].x_range
    assert view.halved.x_range.bounds == (0, 25) and view.half_fill.data["cycle"][-1] == 25
    assert view.halved.title.text.split("\n") == [
        "Half of it, 8 beats deep: fullest 5, emptiest 5",
        "25 cycles, +5 (+25.0%)",
        "all queues take 16 → 8 block RAMs, 124 → 120 LUTs",
    ]
    view.show(recorded())
    assert not view.halved.visible and view.halved.x_range.bounds == (0, 20)
