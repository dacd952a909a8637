"""Panels in JupyterLab as a user has them: they say what they are at, can be stopped, and never show what is not so."""

import re
import time

import psutil
import pytest
from browser.jupyter import LONG, copy_notebooks, leave, open_notebook, run_all, serving, wait_for_run, write_notebook
from browser.looks import figure
from small_model import PROMPT

pytestmark = pytest.mark.notebooks
_COMPILERS = {"verilator", "verilator_bin", "make", "g++", "cc1plus"}
_MOMENT = 60_000  # milliseconds, on a machine however busy, for what takes none


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


def set_text(page, name, text):
    """Type into the control of that name."""
    control = page.locator(".widget-inline-hbox", has_text=name).locator("input").first
    control.fill(text)
    control.press("Enter")


def show_pipeline(page, address):
    """Open the panel of the pipeline, and wait for its first figures."""
    open_notebook(page, address, "01_pipeline.ipynb")
    run_all(page)
    wait_for_run(page)
    page.wait_for_function("window.Bokeh && Object.values(Bokeh.index.roots ?? Bokeh.index).length >= 1")
    page.wait_for_timeout(500)


def move(page, name, key="ArrowRight"):
    """Move a slider by a step; returns the seconds until the summary is another one."""
    before = page.locator(".run-summary").inner_text()
    slider = page.locator(".widget-slider", has_text=name).locator(".noUi-handle")
    slider.focus()
    began = time.monotonic()
    slider.press(key)
    page.wait_for_function("text => document.querySelector('.run-summary').innerText != text", arg=before)
    return time.monotonic() - began


def test_a_moved_slider_runs_the_rtl(page, lab):
    show_pipeline(page, lab)
    cell = page.locator(".jp-OutputArea-output .run-panel").bounding_box()
    for number in range(2):
        assert figure(page, number)["frame"]["width"] > 0.6 * cell["width"]
    seconds = [move(page, "memory late", key) for key in 5 * ["ArrowRight"] + 4 * ["ArrowLeft"]]
    print(f"a slider moved, and the RTL had run: median of {len(seconds)} {sorted(seconds)[len(seconds) // 2]:.2f} s")
    assert page.locator(".run-message").inner_text().strip() == ""


def test_zoom_has_bounds_and_the_wheel_scrolls_the_notebook(page, lab):
    show_pipeline(page, lab)
    whole = figure(page)
    cycles = int(re.search(r"cycles: ([\d,]+)", page.inner_text(".run-summary"))[1].replace(",", ""))
    assert (whole["start"], whole["end"]) == (0, cycles) and "every event" in whole["label"]

    def turn(delta, times=1):
        frame = figure(page)["frame"]
        page.mouse.move(frame["x"] + frame["width"] / 2, frame["y"] + 10)
        for _ in range(times):
            page.mouse.wheel(0, delta)
        page.wait_for_timeout(500)

    before = whole["frame"]["y"]
    turn(100)
    after = figure(page)
    assert after["frame"]["y"] < before and (after["start"], after["end"]) == (0, cycles)
    page.keyboard.down("Control")
    turn(-1000, 6)
    near = figure(page)
    assert near["end"] - near["start"] == pytest.approx(8) and all(tick == int(tick) for tick in near["ticks"])
    turn(1000, 20)
    page.keyboard.up("Control")
    assert (figure(page)["start"], figure(page)["end"]) == (0, cycles)


def descendants(name):
    """Names of the processes that a server's kernels have started, which have ``name`` in their environment."""
    found = []
    for process in psutil.process_iter():
        try:
            if name in process.environ().values():
                found.append(process.name())
        except psutil.Error:
            continue
    return found


def test_a_first_build_shows_what_it_is_at_and_can_be_cancelled(page, tmp_path):
    cache = str(tmp_path / "cache")
    directory = copy_notebooks(tmp_path)
    with serving("jupyterlab", directory, XDG_CACHE_HOME=cache) as address:
        open_notebook(page, address, "01_pipeline.ipynb")
        run_all(page)
        page.locator(".run-panel").wait_for(timeout=_MOMENT)
        progress = page.locator(".run-progress")
        page.wait_for_function("document.querySelector('.run-progress').innerText.trim() != ''", timeout=_MOMENT)
        progress.filter(has_text="the first time only, about a minute").wait_for(timeout=LONG)
        before = progress.inner_text()
        page.wait_for_function("text => document.querySelector('.run-progress').innerText != text", arg=before)
        assert page.locator(".run-start").is_disabled() and page.locator(".run-summary").count() == 0
        progress.filter(has_text="building with verilator").wait_for(timeout=LONG)
        while not _COMPILERS & set(descendants(cache)):
            page.wait_for_timeout(200)
        page.locator(".run-cancel").click()
        page.locator(".run-message", has_text="Cancelled.").wait_for(timeout=_MOMENT)
        assert progress.inner_text().strip() == "" and page.locator(".run-start").is_enabled()
        for _ in range(300):
            if not _COMPILERS & set(descendants(cache)):
                break
            page.wait_for_timeout(200)
        assert not _COMPILERS & set(descendants(cache))
        leave(page)


def test_cancel_ends_a_run_and_what_was_shown_stays(page, lab, directory, model):
    open_notebook(page, lab, notebook_of_tokens(directory, model, count=2))
    run_all(page)
    wait_for_run(page)
    shown = page.locator(".run-summary").inner_text()
    set_text(page, "tokens", "500")
    page.locator(".run-stale", has_text="of other settings").wait_for()
    assert page.locator(".stale-figures").count() == 1
    page.locator(".run-start").click()
    page.locator(".run-progress", has_text="token").wait_for(timeout=LONG)
    assert page.locator(".run-start").is_disabled()
    began = time.monotonic()
    page.locator(".run-cancel").click()
    page.locator(".run-message", has_text="Cancelled.").wait_for(timeout=_MOMENT)
    print(f"cancelled after {time.monotonic() - began:.2f} s")
    assert page.locator(".run-summary").inner_text() == shown and page.locator(".stale-figures").count() == 1
    set_text(page, "tokens", "2")
    page.wait_for_function("!document.querySelector('.stale-figures')")
    page.locator(".run-start").click()
    page.wait_for_function("document.querySelector('.run-message').innerText.trim() == ''")
    wait_for_run(page)
    assert page.locator(".run-message").inner_text().strip() == ""


def test_interrupting_the_kernel_ends_the_run_and_the_next_one_works(page, lab, directory, model):
    open_notebook(page, lab, notebook_of_tokens(directory, model, count=500))
    run_all(page)
    page.locator(".run-progress", has_text="token").wait_for(timeout=LONG)
    page.get_by_role("menuitem", name="Kernel", exact=True).click()
    page.get_by_text("Interrupt Kernel", exact=True).click()
    page.locator(".run-message", has_text="Cancelled.").wait_for(timeout=_MOMENT)
    assert page.locator(".run-progress").inner_text().strip() == ""
    set_text(page, "tokens", "1")
    page.locator(".run-start").click()
    page.locator(".run-summary").wait_for(timeout=LONG)
    assert page.locator(".run-message").inner_text().strip() == ""


def test_whatever_ends_a_run_is_said(page, lab, directory):
    write_notebook(directory / "slow.ipynb", "from viz.slow_panel import SlowPanel\nSlowPanel().show()")
    open_notebook(page, lab, "slow.ipynb")
    run_all(page)
    page.locator(".slow-result", has_text="run 1").wait_for(timeout=LONG)
    for what, message in (
        ("refused", "<i>why</i>"),
        ("broken", "ZeroDivisionError: <i>why</i>"),
        ("dead", "ended unexpectedly"),
    ):
        set_text(page, "argument", "<i>why</i>")
        set_text(page, "what", what)
        page.locator(".run-start").click()
        page.locator(".run-message", has_text=message).wait_for(timeout=_MOMENT)
        assert page.locator(".run-panel i").count() == 0
        assert page.locator(".slow-result").inner_text() == "run 1" and page.locator(".stale-figures").count() == 1
    set_text(page, "what", "counted")
    page.locator(".run-start").click()
    page.wait_for_function("document.querySelector('.run-message').innerText.trim() == ''")
    page.wait_for_function("!document.querySelector('.stale-figures')", timeout=_MOMENT)


def test_what_cannot_run_or_be_read_is_said(page, lab, directory, model):
    open_notebook(page, lab, notebook_of_tokens(directory, model, prompt=f"{PROMPT}<i>", count=1))
    run_all(page)
    page.locator(".run-summary", has_text="not in the vocabulary, so not read: <i>").wait_for(timeout=LONG)
    set_text(page, "model", "<i>nobody.acc")
    page.locator(".run-start").click()
    page.locator(".run-message", has_text="<i>nobody.acc").wait_for(timeout=LONG)
    assert page.locator(".run-panel i").count() == 0 and page.locator(".run-summary").count() == 1


def test_half_the_depth_is_shown_beside_the_whole(page, lab, directory, model):
    open_notebook(page, lab, notebook_of_tokens(directory, model, count=1, half_depth=True))
    run_all(page)
    wait_for_run(page)
    page.locator(".run-summary").wait_for()
    page.wait_for_timeout(2000)
    whole, half = (figure(page, number) for number in (1, 2))
    assert "64 beats deep" in whole["title"] and "32 beats deep" in half["title"] and "LUTs" in half["title"]
    assert (whole["start"], whole["end"]) == (half["start"], half["end"])
    assert half["frame"]["y"] > whole["frame"]["y"] and abs(half["frame"]["x"] - whole["frame"]["x"]) <= 1


def test_a_flipped_bit_marks_products(page, lab):
    open_notebook(page, lab, "00_start_here.ipynb")
    run_all(page)
    page.locator(".atom-notes", has_text="click a bit").wait_for(timeout=_MOMENT)
    page.locator("button[title^='bit 3:']").click()
    page.locator(".atom-notes", has_text="changed").wait_for(timeout=_MOMENT)
