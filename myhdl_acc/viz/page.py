"""A run as one HTML page that needs nothing but a browser: summary, Gantt chart, where the cycles went."""

from html import escape

from bokeh.embed import file_html
from bokeh.layouts import column
from bokeh.models import Div
from bokeh.resources import INLINE

from golden.files import replacing
from myhdl_acc.trace.occupancy import occupancy
from myhdl_acc.viz.cycle_bars import CycleBars
from myhdl_acc.viz.gantt import Gantt
from myhdl_acc.viz.palette import MEANINGS, TRACKS, colour


def write_html(path, table, summary, title="myhdl_acc"):
    """Write the page of an EventTable; ``summary`` is {label: value}, shown as a table above the figures.

    The page appears only when complete. Raises InputError where the file system refuses.
    """
    counted = occupancy(table)
    parts = [_summary(title, summary), Gantt(table).figure, CycleBars(counted).figure, _legend(counted)]
    html = file_html(column(*parts), INLINE, title=title)
    with replacing(path) as file:
        file.write(html)


def _summary(title, summary):
    rows = "".join(
        f"<tr><th style='text-align:left;padding-right:1em;vertical-align:top'>{escape(str(label))}</th>"
        f"<td style='white-space:pre-wrap'>{escape(str(value))}</td></tr>"
        for label, value in summary.items()
    )
    return Div(text=f"<h1>{escape(title)}</h1><table>{rows}</table>", width=1000)


def _legend(counted):
    states = "".join(
        f"<tr><td style='background:{colour(state)};border:1px solid #999;width:2em'></td>"
        f"<td style='padding:0 1em'>{escape(state)}</td><td>{escape(MEANINGS.get(state, ''))}</td></tr>"
        for state in counted.states
    )
    tracks = "".join(
        f"<tr><td style='padding-right:1em'>{escape(unit)}</td><td>{escape(TRACKS[unit])}</td></tr>"
        for unit in counted.by_unit()
        if unit in TRACKS
    )
    notes = (
        "A column that holds many short intervals is stacked by the share of its cycles that each state has. "
        "Operations joined by + were given to the engine in one go."
    )
    return Div(
        text=f"<h2>States</h2><table>{states}</table><h2>Streams and lanes</h2><table>{tracks}</table><p>{notes}</p>",
        width=1000,
    )
