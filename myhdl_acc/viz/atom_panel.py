"""The panel of a 64-bit atom: typed weights as coloured bits, each of which can be flipped."""

from html import escape

import ipywidgets as widgets

from golden.formats.matrix import PHASES
from myhdl_acc.viz.atom_view import (
    ACTIVATIONS,
    BITS,
    atoms,
    changed,
    field_at,
    fields,
    flipped,
    kinds,
    parse_weights,
    products,
)
from myhdl_acc.viz.view_panel import ViewPanel

_USUAL = {
    "w2": "1 0 -3 0  0 3 1 0  -1 0 0 0  0 0 0 0  3 3 0 0  0 -1 0 -1  0 0 1 3  -3 0 0 1",
    "w4": "7 -8 3 0  1 2 3 4  -1 -2 -3 -4  0 0 5 5",
    "w8": "119 -119 64 1  -1 16 -16 100  7 8 9 10",
}
"""Weights that a format holds, to begin with."""

_TINTS = ("#A6CEE3", "#FDD49E")
_SCALE = "#D9D9D9"


class AtomPanel(ViewPanel):
    """A click on a bit flips it; the table says which products that changes."""

    def __init__(self):
        self.flips = set()
        self.bits = [
            widgets.Button(layout=widgets.Layout(width="auto", padding="0", margin="1px")) for _ in range(BITS)
        ]
        for number, bit in enumerate(self.bits):
            bit.on_click(lambda _, number=number: self.flip(number))
        cells = widgets.GridBox(
            self.bits[::-1], layout=widgets.Layout(grid_template_columns="repeat(32, 1fr)", width="100%")
        )
        self.table = widgets.HTML()
        self._kind = None
        controls = {
            "kind": widgets.Dropdown(options=kinds(), description="format"),
            "weights": widgets.Text(_USUAL["w2"], description="weights", layout=widgets.Layout(width="60%")),
            "scale": widgets.IntSlider(9, min=0, max=255, description="block scale"),
            "phase": widgets.Dropdown(options=[0], description="phase"),
        }
        super().__init__(controls, [cells, self.table])

    def flip(self, number):
        """Turn a bit over, or back."""
        self.flips ^= {number}
        self.refresh()

    def draw(self, kind, weights, scale, phase):
        """Show the atom of that phase, with the bits of ``flips`` turned over."""
        if kind != self._kind:
            self._kind = kind
            self.controls["phase"].options = list(range(PHASES[kind]))
            self.controls["scale"].disabled = kind == "w8"
            self.controls["weights"].value = weights = _USUAL[kind]
            phase = 0
        atom = atoms(kind, parse_weights(weights), scale)[phase]
        other = atom
        for number in self.flips:
            other = flipped(other, number)
        places = {field.first: place for place, field in enumerate(fields(kind, phase))}
        for number, bit in enumerate(self.bits):
            field = field_at(kind, phase, number)
            bit.description = str(int(other) >> number & 1)
            bit.tooltip = f"bit {number}: bit {number - field.first} of {field.name}"
            tint = _SCALE if field.name == "block scale" else _TINTS[places[field.first] % 2]
            bit.style.button_color = "#F90068" if number in self.flips else tint
        self.table.value = _table(kind, phase, atom, other)


def _table(kind, phase, before, after):
    """The slots of an atom as HTML; those that a flip changed are marked."""
    differs = {new.slot: old for old, new in changed(kind, phase, before, after)}
    found, scale, illegal = products(kind, phase, after)
    rows = "".join(
        f"<tr{' style=background:#FFD6E4' if product.slot in differs else ''}>"
        f"<td>{product.slot}</td><td>{product.position}</td><td>{product.factor}</td>"
        f"<td>{int(ACTIVATIONS[product.position])}</td><td>{product.product}</td>"
        f"<td>{_was(differs.get(product.slot))}</td></tr>"
        for product in found
    )
    notes = [f"atom 0x{int(after):016x}"]
    if kind == "w2":
        notes.append(f"block scale {scale}")
    if kind == "w8":
        notes.append("odd slots are high digits: their products count 16 times")
    if illegal:
        notes.append("a code that means nothing: the engine stops with engine_error")
    notes.append(f"{len(differs)} products changed" if int(before) != int(after) else "click a bit to flip it")
    return (
        f"<p class='atom-notes'>{escape(' · '.join(notes))}</p><table><tr><th>slot</th><th>position</th><th>factor</th>"
        f"<th>activation</th><th>product</th><th>was</th></tr>{rows}</table>"
    )


def _was(old):
    return "" if old is None else f"{old.factor} × {int(ACTIVATIONS[old.position])} = {old.product}"
