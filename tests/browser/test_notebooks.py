"""The notebooks as a user opens them, in JupyterLab and Voila: all of them show their panels, whole, and stay small."""

import pytest
from browser.jupyter import (
    LONG,
    NOTEBOOKS,
    leave,
    made,
    open_notebook,
    overhang,
    reopen,
    run_all,
    save,
    serving,
    wait_for_run,
)
from browser.looks import figure

pytestmark = pytest.mark.notebooks
_SMALL = 50_000  # bytes of a saved notebook


def test_make_lab_opens_the_notebooks(page, tmp_path):
    with made("lab", tmp_path / "lab.log") as address:
        page.goto(f"{address}/lab", timeout=LONG)
        for notebook in NOTEBOOKS.glob("*.ipynb"):
            page.locator(".jp-DirListing-item", has_text=notebook.name).wait_for(timeout=60_000)
        leave(page)


def test_make_voila_shows_the_notebooks(chromium, tmp_path):
    with made("voila", tmp_path / "voila.log") as address:
        page = chromium.new_page()  # Voila's list of notebooks has complaints of its own
        page.goto(address, timeout=LONG)
        for notebook in NOTEBOOKS.glob("*.ipynb"):
            page.get_by_text(notebook.name).wait_for(timeout=60_000)
        page.close()


@pytest.mark.parametrize("name", [path.name for path in sorted(NOTEBOOKS.glob("*.ipynb"))])
def test_every_notebook_shows_its_panels(page, lab, directory, name):
    page.set_viewport_size({"width": 1100, "height": 1600})
    open_notebook(page, lab, name)
    run_all(page)
    page.wait_for_selector(".jp-OutputArea-output .widget-vbox", timeout=60_000)
    for number in range(page.locator(".run-panel").count()):
        wait_for_run(page, number)
        assert page.locator(".run-message").nth(number).inner_text().strip() == ""
    page.wait_for_timeout(2000)
    assert page.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    assert overhang(page) == []
    assert save(page, directory / name) < _SMALL
    shown = reopen(page)
    assert "model not found" not in shown and "Error displaying widget" not in shown


def test_voila_shows_the_panel(chromium, directory):
    with serving("voila", directory) as address:
        page = chromium.new_page(viewport={"width": 1100, "height": 900})
        page.goto(f"{address}/voila/render/01_pipeline.ipynb", timeout=LONG)
        page.locator(".run-summary").wait_for(timeout=LONG)
        page.wait_for_timeout(1000)
        frame = figure(page)["frame"]
        assert 700 < frame["width"] < 1100
        page.close()
