"""Notebook 7 runs the panels as JupyterLab does, with the server configuration that docs/notebooks.md names."""

import pytest
from browser.jupyter import copy_notebooks, leave, run_all, save, serving, wait_for_run
from browser.looks import figure

pytestmark = pytest.mark.notebooks


@pytest.fixture
def notebook7(tmp_path):
    """The address of Notebook 7, and the directory that it serves."""
    directory = copy_notebooks(tmp_path)
    with serving("notebook", directory) as address:
        yield address, directory


def test_a_panel_runs_follows_its_slider_and_stays_small(page, notebook7):
    address, directory = notebook7
    name = "01_pipeline.ipynb"
    page.goto(f"{address}/notebooks/{name}")
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for(timeout=60_000)
    idle = page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]")
    idle.wait_for(timeout=60_000)
    page.wait_for_timeout(2000)  # it is idle once before it has started
    idle.wait_for(timeout=60_000)
    run_all(page)
    wait_for_run(page)
    assert figure(page)["frame"]["width"] > 0
    before = page.inner_text(".run-summary")
    # With the mouse: arrow keys belong to the notebook here, unless a cell is edited.
    handle = page.locator(".widget-slider", has_text="memory late").locator(".noUi-handle").bounding_box()
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y, steps=4)
    page.mouse.up()
    page.wait_for_function("text => document.querySelector('.run-summary').innerText != text", arg=before)
    assert save(page, directory / name) < 50_000
    leave(page)
