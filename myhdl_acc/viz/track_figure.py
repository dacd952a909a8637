"""What the charts of cycles and tracks share: they are as wide as the page, and zoom within the run in whole cycles."""

import textwrap

from bokeh.models import BasicTicker, CustomJS, FixedTicker, NumeralTickFormatter, Range1d, WheelZoomTool
from bokeh.plotting import figure

_ROW, _FRAME = 18, 76  # pixels of a track, of title and axis
_LEAST = 8  # cycles in sight at least
_TITLE, _LINE = 64, 16  # characters and pixels of a line of a title
_WIDEN = """
const {start, end, bounds} = cb_obj
if (end - start < least) {
    const left = Math.max(bounds[0], Math.min(bounds[1] - least, (start + end - least) / 2))
    cb_obj.setv({start: left, end: left + least})
}
"""
"""What min_interval would be for, which a wheel that zooms out to the bounds (maintain_focus) does not heed."""


def cycle_range():
    """The x range of a chart of cycles, for show_cycles(); charts that share it zoom together."""
    made = Range1d(0, _LEAST, bounds=(0, _LEAST))
    for edge in ("start", "end"):
        made.js_on_change(edge, CustomJS(args={"least": _LEAST}, code=_WIDEN))
    return made


def show_cycles(x_range, start, end):
    """Show the cycles ``start`` ≤ cycle < ``end`` and let nobody leave them."""
    end = max(end, start + _LEAST)
    x_range.update(
        start=start, end=end, reset_start=start, reset_end=end, bounds=(start, end), max_interval=end - start
    )


def cycle_figure(x_range, **options):
    """A bokeh figure whose x axis is clock cycles: dragging pans, the wheel zooms with Ctrl only, so that it scrolls
    the page without. ``options`` are those of bokeh's figure()."""
    made = figure(
        sizing_mode="stretch_width",
        x_range=x_range,
        x_axis_label="clock cycle",
        tools="xpan,xbox_zoom,xzoom_in,xzoom_out,reset,save",
        active_drag="xpan",
        **options,
    )
    wheel = WheelZoomTool(dimensions="width", modifiers="ctrl", zoom_on_axis=False, maintain_focus=False)
    made.add_tools(wheel)
    made.toolbar.active_scroll = wheel
    made.toolbar.logo = None
    made.title.text_font_size = "12px"
    made.xaxis.ticker = BasicTicker(min_interval=1, num_minor_ticks=0)
    made.xaxis.formatter = NumeralTickFormatter(format="0,0")
    made.ygrid.visible = False
    return made


def show_title(chart, text, height):
    """Give ``chart`` a title, in as many lines as it takes; without it the chart is ``height`` pixels high."""
    lines = [part for line in text.split("\n") for part in textwrap.wrap(line, _TITLE)]
    chart.title.text, chart.height = "\n".join(lines), height + _LINE * len(lines)


def show_tracks(chart, tracks):
    """Make the rows of ``chart`` those of ``tracks``: number i, counted from the top, is centred at −i."""
    chart.height = _FRAME + _ROW * max(1, len(tracks))
    chart.y_range.update(start=0.5 - max(1, len(tracks)), end=0.5)
    ticks = [-number for number in range(len(tracks))]
    if isinstance(chart.yaxis[0].ticker, FixedTicker):
        chart.yaxis[0].ticker.ticks = ticks  # a new ticker would have bokeh look through the whole document
    else:
        chart.yaxis.ticker = FixedTicker(ticks=ticks)
    chart.yaxis.major_label_overrides = {-number: track.label for number, track in enumerate(tracks)}
