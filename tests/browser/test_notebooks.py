"""The notebooks as a user has them, in JupyterLab and Voila."""

import time

import pytest
from browser.jupyter import (
    LONG,
    NOTEBOOKS,
    copy_notebooks,
    open_notebook,
    run_all,
    serving,
    wait_for_run,
    write_notebook,
)
from browser.looks import figure
from small_model import PROMPT, write_small_model

pytestmark = pytest.mark.notebooks
_SMALL = 50_000  # bytes of a saved notebook


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    return copy_notebooks(tmp_path_factory.mktemp("jupyter"))


@pytest.fixture(scope="module")
def lab(directory):
    with serving("jupyterlab", directory) as address:
        yield address


@pytest.fixture(scope="module")
def model(directory):
    return write_small_model(directory, context=512)


def notebook_of_tokens(directory, path, **choice):
    """A notebook that shows one token of the small model on tiny."""
    choice = {"prompt": PROMPT, "model": str(path), "preset": "tiny"} | choice
    write_notebook(
        directory / "tokens.ipynb",
        "from myhdl_acc.viz.token_panel import TokenPanel\n"
        "from myhdl_acc.viz.token_runs import TokenChoice\n"
        f"TokenPanel(TokenChoice(**{choice!r})).show()",
    )
    return "tokens.ipynb"


def save(page, path):
    """Save the notebook; returns its bytes."""
    before = path.stat().st_mtime_ns
    page.keyboard.press("Control+s")
    for _ in range(100):
        if path.stat().st_mtime_ns != before:
            break
        page.wait_for_timeout(100)
    page.wait_for_timeout(300)
    return path.stat().st_size


def test_the_pipeline_is_live_small_when_saved_and_opens_again(page, lab, directory):
    open_notebook(page, lab, "01_pipeline.ipynb")
    run_all(page)
    page.locator(".run-progress", has_text="s").wait_for(timeout=30_000)  # what it is at, before there is a figure
    wait_for_run(page)
    page.locator(".run-summary").wait_for()
    page.wait_for_function("window.Bokeh && Object.values(Bokeh.index.roots ?? Bokeh.index).length >= 2")
    page.wait_for_timeout(500)
    cell = page.locator(".jp-OutputArea-output .run-panel").bounding_box()
    for number in range(2):
        frame = figure(page, number)["frame"]
        assert cell["x"] <= frame["x"] and frame["x"] + frame["width"] <= cell["x"] + cell["width"]
        assert frame["width"] > 0.6 * cell["width"]
    for entry in page.locator(".legend-entry").all():
        box = entry.bounding_box()
        assert cell["x"] <= box["x"] and box["x"] + box["width"] <= cell["x"] + cell["width"]
    before = page.locator(".run-summary").inner_text()
    slider = page.locator(".widget-slider", has_text="memory late").locator(".noUi-handle")
    slider.focus()
    slider.press("ArrowRight")
    began = time.monotonic()
    page.wait_for_function("text => document.querySelector('.run-summary').innerText != text", arg=before)
    print(f"a slider moved, and the RTL had run, {time.monotonic() - began:.2f} s later")
    assert save(page, directory / "01_pipeline.ipynb") < _SMALL
    page.reload()
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
    page.wait_for_timeout(3000)
    assert "model not found" not in page.inner_text(".jp-Notebook")


def test_cancel_ends_a_run_and_what_was_shown_stays(page, lab, directory, model):
    open_notebook(page, lab, notebook_of_tokens(directory, model, count=2))
    run_all(page)
    wait_for_run(page)
    shown = page.locator(".run-summary").inner_text()
    tokens = page.locator(".widget-inline-hbox", has_text="tokens").locator("input")
    tokens.fill("500")
    tokens.press("Enter")
    page.locator(".run-stale", has_text="of other settings").wait_for()
    assert page.locator(".stale-figures").count() == 1
    page.locator(".run-start").click()
    page.locator(".run-progress", has_text="token").wait_for(timeout=LONG)
    assert page.locator(".run-start").is_disabled()
    began = time.monotonic()
    page.locator(".run-cancel").click()
    page.locator(".run-message", has_text="Cancelled.").wait_for(timeout=20_000)
    print(f"cancelled after {time.monotonic() - began:.2f} s")
    assert page.locator(".run-summary").inner_text() == shown and page.locator(".stale-figures").count() == 1
    tokens.fill("2")
    tokens.press("Enter")
    page.wait_for_function("!document.querySelector('.stale-figures')")
    page.locator(".run-start").click()
    page.wait_for_function("document.querySelector('.run-message').innerText.trim() == ''")
    wait_for_run(page)
    assert page.locator(".run-message").inner_text().strip() == ""


def test_what_cannot_run_is_a_message(page, lab, directory, model):
    open_notebook(page, lab, notebook_of_tokens(directory, model, model="<i>nobody.acc", count=1))
    run_all(page)
    page.locator(".run-message", has_text="<i>nobody.acc").wait_for(timeout=LONG)
    assert page.locator(".run-panel i").count() == 0


def test_a_flipped_bit_marks_products(page, lab):
    open_notebook(page, lab, "00_start_here.ipynb")
    run_all(page)
    page.locator(".atom-notes", has_text="click a bit").wait_for(timeout=60_000)
    page.locator("button[title^='bit 3:']").click()
    page.locator(".atom-notes", has_text="changed").wait_for()


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
    assert page.evaluate(
        "[...document.querySelectorAll('.jp-OutputArea-output')].every(o => o.scrollWidth <= o.clientWidth + 1)"
    )
    assert save(page, directory / name) < _SMALL


def test_voila_shows_the_panel(chromium, directory):
    with serving("voila", directory) as address:
        page = chromium.new_page(viewport={"width": 1100, "height": 900})
        page.goto(f"{address}/voila/render/01_pipeline.ipynb", timeout=LONG)
        page.locator(".run-summary").wait_for(timeout=LONG)
        page.wait_for_timeout(1000)
        frame = figure(page)["frame"]
        assert 700 < frame["width"] < 1100
        page.close()
