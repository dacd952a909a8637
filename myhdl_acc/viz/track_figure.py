"""What the charts of tracks share: a row per stream and lane, the legend of states above."""

from bokeh.models import Legend, Range1d
from bokeh.plotting import figure

_ROW, _FRAME = 18, 130  # pixels of a track, of title, legend and axis


def track_figure(**options):
    """A bokeh figure without tracks; ``options`` are those of bokeh's figure()."""
    made = figure(height=_FRAME, y_range=Range1d(-0.5, 0.5), **options)
    made.add_layout(Legend(orientation="horizontal", border_line_color=None), "above")
    made.ygrid.visible = False
    return made


def show_tracks(chart, tracks):
    """Make the rows of ``chart`` those of ``tracks``: number i, counted from the top, is centred at −i."""
    chart.height = _FRAME + _ROW * len(tracks)
    chart.y_range.update(start=0.5 - max(1, len(tracks)), end=0.5)
    chart.yaxis.ticker = [-number for number in range(len(tracks))]
    chart.yaxis.major_label_overrides = {-number: track.label for number, track in enumerate(tracks)}
