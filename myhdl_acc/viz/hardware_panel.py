"""The panel of the hardware: the hierarchy, a unit's Python beside its HDL, resources and registers."""

from html import escape

import ipywidgets as widgets

from myhdl_acc.report.synthesis import BUDGET
from myhdl_acc.rtl.config import PRESETS
from myhdl_acc.viz.hardware_runs import HardwareChoice, hardware_runs, python_source, tree
from myhdl_acc.viz.run_panel import RunPanel

_FULL = {"width": "100%"}
_RESOURCES = ("lut", "ff", "dsp", "bram36", "uram")
_PANE = "<pre style='max-height:420px;overflow:auto;border:1px solid #ccc;padding:4px;line-height:1.25'>{}</pre>"
_INDENT = 2 * "\u2007"  # which a browser does not fold
_FIRST = "row_pair"  # small enough to read at once


class HardwarePanel(RunPanel):
    """Choose an entity in the hierarchy: below are the block it was converted from, and the result."""

    def __init__(self):
        self._hardware = None
        self.entity = widgets.Select(rows=14, layout=widgets.Layout(width="34%"))
        self.hdl = widgets.ToggleButtons(options=["vhdl", "verilog"])
        self.about, self.python, self.converted = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.resources, self.registers = widgets.HTML(), widgets.HTML()
        for control in (self.entity, self.hdl):
            control.observe(lambda _: self._show_entity(), "value")
        halves = widgets.GridBox(
            [self.python, self.converted],
            layout=widgets.Layout(grid_template_columns="minmax(0, 1fr) minmax(0, 1fr)", grid_gap="8px", **_FULL),
        )
        tables = widgets.Tab([self.resources, self.registers], titles=["Resources", "Registers"])
        chosen = widgets.HBox([self.entity, widgets.VBox([self.hdl, self.about])])
        figures = widgets.VBox([chosen, halves, tables], layout=widgets.Layout(**_FULL))
        controls = {
            "preset": widgets.Dropdown(options=list(PRESETS), value="tiny", description="preset"),
            "resources": widgets.Checkbox(description="synthesise with Yosys"),
        }
        super().__init__(hardware_runs, controls, figures)

    def settings(self):
        """What the controls say: a HardwareChoice."""
        return HardwareChoice(self.controls["preset"].value, self.controls["resources"].value)

    def show_run(self, choice, run):
        """Show a HardwareRun."""
        self._hardware = run
        rows = tree(run)
        options = [
            (f"{_INDENT * depth}{name}{f' × {count}' if count > 1 else ''}", (place, name))
            for place, (name, depth, count) in enumerate(rows)
        ]
        self.entity.options = options
        self.entity.value = next((value for _, value in options if value[1].startswith(_FIRST)), options[0][1])
        self._show_entity()
        self.resources.value = _resources(run.synthesis)
        self.registers.value = _registers(run.registers)

    def _show_entity(self):
        if self._hardware is None or self.entity.value is None:
            return
        name = self.entity.value[1]
        path, source = python_source(name)
        self.python.value = f"<b>{escape(path)}</b>{_PANE.format(escape(source))}"
        text = getattr(self._hardware, self.hdl.value)[name]
        self.converted.value = f"<b>{escape(name)}, {len(text.splitlines()):,} lines</b>{_PANE.format(escape(text))}"
        below = ", ".join(f"{count} {child}" for child, count in sorted(self._hardware.children[name].items()))
        self.about.value = f"<b>{escape(name)}</b> has {escape(below) or 'no entities below it'}"


def _resources(synthesis):
    """A table as HTML: what all instances of every block take."""
    if synthesis is None:
        return "Choose <i>synthesise with Yosys</i> and run again: seconds for tiny, minutes for u280."
    rows = sorted(synthesis.blocks, key=lambda block: -block.own.lut * block.instances)
    lines = [
        [block.name, block.instances, *(getattr(block.own, name) * block.instances for name in _RESOURCES), block.depth]
        for block in rows
    ]
    total = ["all of it", "", *(getattr(synthesis.total, name) for name in _RESOURCES), synthesis.depth]
    share = ["of the U280", "", *(f"{_share(synthesis, name):.1%}" for name in _RESOURCES), ""]
    return _table(["block", "instances", *_RESOURCES, "LUT levels"], [total, share, *lines])


def _share(synthesis, name):
    return getattr(synthesis.total, name) / getattr(BUDGET, name)


def _registers(rows):
    """A table of the kernel's registers as HTML."""
    lines = [[f"0x{row.offset:03x}", row.name, row.bits, row.access, row.meaning] for row in rows]
    return _table(["offset", "register", "bits", "access", "meaning"], lines)


def _table(head, rows):
    def line(values, tag):
        cells = (f"{value:,}" if isinstance(value, int) else str(value) for value in values)
        return "<tr>" + "".join(f"<{tag} style='padding-right:1em'>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"

    body = "".join(line(row, "td") for row in rows)
    return f"<div style='max-height:420px;overflow:auto'><table>{line(head, 'th')}{body}</table></div>"
