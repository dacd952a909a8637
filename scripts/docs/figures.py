"""The drawn figures of docs/."""

from scripts.docs.accelerator_figure import accelerator_figure
from scripts.docs.handshake_figure import handshake_figure
from scripts.docs.pages import ROOT

FIGURES = {"accelerator.svg": accelerator_figure, "handshake.svg": handshake_figure}


def all_figures():
    """(path, text as it should be) of every figure."""
    for name, draw in FIGURES.items():
        yield ROOT / "docs" / name, draw()
