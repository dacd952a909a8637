"""What lanes waited for: a bar per cause of lost cycles, in bokeh."""

from bokeh.models import ColumnDataSource, HoverTool
from bokeh.plotting import figure

from myhdl_acc.viz.palette import KINDS, QUIET, colour

_COLUMNS = ("cause", "cycles", "colour")
_LARGEST = 12  # bars; a token has some thirty causes, most of a few cycles
_ROW, _FRAME = 24, 80  # pixels of a bar, of title and axis
_REST = "everything else"


class CauseBars:
    """A chart that shows one set of causes, {cause: cycles} as perf.lost_cycles gives them, after another."""

    def __init__(self, causes=None):
        self.source = ColumnDataSource({name: [] for name in _COLUMNS})
        self.figure = figure(
            sizing_mode="stretch_width",
            height=_FRAME,
            y_range=[],
            title="What the lanes waited for",
            x_axis_label="cycles of a lane without a beat, lanes averaged",
            tools="save",
        )
        self.figure.toolbar.logo = None
        bars = self.figure.hbar(
            y="cause", right="cycles", height=0.8, fill_color="colour", line_color=None, source=self.source
        )
        self.figure.add_tools(HoverTool(renderers=[bars], tooltips=[("", "@cause"), ("cycles", "@cycles{0,0}")]))
        self.figure.x_range.start = 0
        self.figure.ygrid.visible = False
        if causes is not None:
            self.show(causes)

    def show(self, causes):
        """Show these causes, the largest on top, the small ones as one bar."""
        ordered = sorted(causes.items(), key=lambda item: -item[1])
        shown, rest = ordered[:_LARGEST], ordered[_LARGEST:]
        if rest:
            shown.append((_REST, sum(cycles for _, cycles in rest)))
        names = [name for name, _ in shown]
        self.figure.y_range.factors = names[::-1]
        self.figure.height = _FRAME + _ROW * len(names)
        self.source.data = {
            "cause": names,
            "cycles": [cycles for _, cycles in shown],
            "colour": [_colour(name) for name in names],
        }


def _colour(cause):
    """An instruction's own, that of lanes which wait for memory, or a quiet one."""
    op = cause.split(" ")[0]
    return colour(op) if op in KINDS else colour("no_beat") if op == "memory" else QUIET["no_command"]
