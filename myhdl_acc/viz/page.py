"""A run as one HTML page that needs nothing but a browser: summary, Gantt chart, where the cycles went."""

from html import escape

from bokeh.embed import file_html
from bokeh.resources import INLINE
from jinja2 import Template

from golden.files import replacing
from myhdl_acc.report.perf.lost_cycles import lost_cycles
from myhdl_acc.trace.occupancy import occupancy
from myhdl_acc.viz.cause_bars import CauseBars
from myhdl_acc.viz.cycle_bars import CycleBars
from myhdl_acc.viz.gantt import ZOOMING, Gantt
from myhdl_acc.viz.palette import KINDS, MEANINGS, TRACKS, colour, entries_html, legend_html
from myhdl_acc.viz.rows import folded_text
from myhdl_acc.viz.token_bars import READ_COLOURS
from myhdl_acc.viz.token_view import LEFT, TokenView
from myhdl_acc.viz.track_figure import cycle_range

_PAGE = Template("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{{ title | e }}</title>
<link rel="icon" href="data:,">
<style>
body { font-family: sans-serif; margin: 8px 16px }
th { text-align: left; vertical-align: top; padding-right: 1em }
.run td { white-space: pre-wrap }
</style>
{{ bokeh_css }}
{{ bokeh_js }}
</head>
<body>
<h1>{{ title | e }}</h1>
<table class="run">{{ summary }}</table>
<div class="legend">{{ legend }}</div>
{% for root in roots %}<div id="{{ root.elementid }}" data-root-id="{{ root.id }}"></div>{% endfor %}
{{ notes }}
{{ plot_script }}
</body>
</html>
""")


def write_html(path, run, summary, title="myhdl_acc"):
    """Write the page of a Run; ``summary`` is {label: value}, shown as a table above the figures.

    Where the run knows what it executed the view of it by matrix comes first, and zooms with the chart of all tracks.
    The page appears only when complete. Raises InputError where the file system refuses.
    """
    table, x_range = run.table, cycle_range()
    counted = occupancy(table)
    gantt = Gantt(table, x_range)
    gantt.figure.min_border_left = LEFT  # so that cycles stand below each other
    figures = TokenView(run, x_range).figures if run.annotated else []
    figures += [gantt.figure, CycleBars(counted).figure]
    units = set(counted.by_unit())
    if {"lane", "vector"} <= units:
        lanes = sum(track.unit == "lane" for track in counted.counts)
        figures.append(CauseBars(lost_cycles(table, lanes, table.span[1])[0]).figure)
    html = file_html(
        figures,
        INLINE,
        title=title,
        template=_PAGE,
        template_variables={
            "summary": _rows(summary),
            "legend": (entries_html("lanes read", READ_COLOURS) if run.annotated else "") + legend_html(counted.states),
            "notes": _notes(counted, gantt.folded),
        },
    )
    with replacing(path) as file:
        file.write(html)


def _rows(values):
    return "".join(
        f"<tr><th>{escape(str(name))}</th><td>{escape(str(value))}</td></tr>" for name, value in values.items()
    )


def _notes(counted, folded):
    states = "".join(
        f"<tr><td style='background:{colour(state)};border:1px solid #999;width:2em'></td>"
        f"<td style='padding:0 1em'>{escape(state)}</td><td>{escape(meaning)}</td></tr>"
        for state in counted.states
        for meaning in [MEANINGS.get(state) or KINDS.get(state, "")]
    )
    tracks = _rows({unit: TRACKS[unit] for unit in TRACKS if unit in counted.by_unit()})
    return (
        f"<p>{escape(folded_text(folded))}</p><p>{ZOOMING} "
        "Operations joined by + were given to the engine in one go.</p>"
        f"<h2>States</h2><table>{states}</table><h2>Streams and lanes</h2><table>{tracks}</table>"
    )
