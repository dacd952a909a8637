"""Every notebook shows panels that can be made, saves nothing, and says which ones there are."""

import json
import re
from pathlib import Path

import pytest

from myhdl_acc.viz.run_panel import RunPanel

_ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((_ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_its_panels_can_be_made(path, monkeypatch):
    begun = []
    monkeypatch.setattr(RunPanel, "start", lambda panel: begun.append(panel))
    cells = json.loads(path.read_text("utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    assert code and all(cell["outputs"] == [] for cell in cells if cell["cell_type"] == "code")
    for source in code:
        assert re.fullmatch(r"from myhdl_acc\.viz\.\w+ import (\w+)\n\n\1\(\)\.show\(\)", source)
        exec(compile(source, path.name, "exec"), {})
    assert all(panel.settings() for panel in begun)


def test_they_are_listed():
    names = {path.name for path in NOTEBOOKS}
    start = (_ROOT / "notebooks" / "00_start_here.ipynb").read_text("utf-8")
    assert set(re.findall(r"\]\((\w+\.ipynb)\)", start)) == names - {"00_start_here.ipynb"}
    page = (_ROOT / "docs" / "notebooks.md").read_text("utf-8")
    assert set(re.findall(r"notebooks/(\w+\.ipynb)\)", page)) == names
