"""Panels that run nothing: they follow their controls, and refuse without losing what they show."""

import pytest

from myhdl_acc.viz.atom_panel import AtomPanel
from myhdl_acc.viz.atom_view import kinds
from myhdl_acc.viz.histogram_panel import HistogramPanel


@pytest.mark.parametrize("kind", kinds())
def test_a_flipped_bit_marks_the_products_that_it_changes(kind):
    panel = AtomPanel()
    panel.controls["kind"].value = kind
    assert panel.message.value == "" and "click a bit" in panel.table.value
    panel.bits[0].click()
    assert "products changed" in panel.table.value and panel.table.value.count("background") >= 1
    assert panel.bits[0].tooltip.startswith("bit 0: bit 0 of ")
    panel.controls["weights"].value = "<b>"
    assert "not &#x27;&lt;b&gt;&#x27;" in panel.message.value and "products changed" in panel.table.value


def test_an_illegal_code_is_said():
    panel = AtomPanel()
    panel.controls["weights"].value = "0"  # code 112, and 127 once all bits are set
    for bit in range(7):
        if panel.bits[bit].description == "0":
            panel.bits[bit].click()
    assert "means nothing" in panel.table.value


def test_histograms_follow_the_matrix_and_refuse_what_is_no_model():
    panel = HistogramPanel()
    assert panel.message.value == ""
    panel.controls["matrix"].value = "embedding"
    assert panel.codes.title.text == "embedding: codes of w8" and len(panel._codes.data["left"]) == 239
    panel.controls["model"].value = "nobody.acc"
    assert "nobody.acc" in panel.message.value and panel.codes.title.text == "embedding: codes of w8"
