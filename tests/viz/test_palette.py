"""Colours mean one thing each, and people who are colour-blind tell them apart."""

from itertools import combinations

import numpy as np
import pytest

from myhdl_acc.rtl.control.isa import OPS
from myhdl_acc.trace.events import LANE_STATES, STREAM_STATES
from myhdl_acc.viz.palette import COLOURS, KINDS, QUIET, legend_html
from myhdl_acc.viz.token_bars import READ_COLOURS

# Of linear RGB; Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision
# Deficiency" (2009), severity 1.
_VISION = {
    "normal": np.eye(3),
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
}
_XYZ = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]]
_WHITE = (0.95047, 1, 1.08883)
_APART = 23  # CIELAB distance of two colours; 2.3 can just be told apart side by side


def lab(colour, vision):
    """The colour as somebody sees it, in CIELAB."""
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    x, y, z = np.cbrt(np.clip(np.array(_XYZ) @ np.clip(np.array(vision) @ linear, 0, 1) / _WHITE, 0.008856, None))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("vision", _VISION)
def test_everybody_tells_the_colours_apart(vision):
    loud = set(COLOURS.values()) - set(QUIET.values())
    seen = {colour: lab(colour, _VISION[vision]) for colour in set(COLOURS.values())}
    assert len(loud) == 12
    for a, b in combinations(seen, 2):
        if loud & {a, b}:
            assert np.linalg.norm(seen[a] - seen[b]) > _APART, (a, b)


@pytest.mark.parametrize("vision", _VISION)
def test_everybody_tells_apart_what_lanes_read(vision):
    for a, b in combinations(READ_COLOURS.values(), 2):
        assert np.linalg.norm(lab(a, _VISION[vision]) - lab(b, _VISION[vision])) > _APART


def test_a_colour_has_one_meaning():
    meanings = {}
    for state in {*STREAM_STATES, *LANE_STATES, *OPS["vector"]}:
        meanings.setdefault(COLOURS[state], set()).add(KINDS.get(state, state))
    assert all(len(states) == 1 for states in meanings.values())


def test_the_legend_names_kinds_once_and_escapes():
    html = legend_html([*OPS["vector"], *LANE_STATES, "<probe>"])
    assert html.count("legend-entry") == len(set(KINDS.values())) + len(LANE_STATES) + 1
    assert "&lt;probe&gt;" in html and "<probe>" not in html
    assert "streams" not in html
