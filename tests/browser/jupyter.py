"""JupyterLab, Notebook 7 and Voila as servers for the tests, and what a user does in them."""

import contextlib
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "notebooks"
LONG = 600_000
"""Milliseconds for what builds a simulator."""

_SERVER = ["--allow-root", "--ServerApp.token=", "--ServerApp.port_retries=0"]
_OPTIONS = {"jupyterlab": _SERVER, "notebook": _SERVER, "voila": []}
_NEWS = {"@jupyterlab/apputils-extension:announcements": True}  # which would cover what is looked at
_MAKE_OPTIONS = {"lab": ["--ServerApp.token="], "voila": []}


def require(*modules):
    """Skip unless these are installed."""
    for module in modules:
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"{module} is not installed: make test-notebooks does")


@contextlib.contextmanager
def serving(module, directory, **environment):
    """The address of a server of ``directory``: a key of _OPTIONS; ``environment``: what differs there."""
    require(module)
    command = [sys.executable, "-m", module, str(directory), "--no-browser", *_OPTIONS[module]]
    if _OPTIONS[module] is _SERVER:
        command.append(f"--config={directory / 'jupyter_server_config.py'}")
    with running(lambda port: [*command, f"--port={port}"], directory / f"{module}.log", environment) as address:
        yield address


@contextlib.contextmanager
def made(target, log):
    """The address of what ``make target`` serves: the notebooks themselves."""
    options = " ".join(["--no-browser", *_MAKE_OPTIONS[target]])
    with running(lambda port: ["make", target, f"ARGS={options} --port={port}"], log) as address:
        yield address


@contextlib.contextmanager
def running(command, log, environment=None):
    """The address of a server: ``command(port)`` is its command line; ``environment``: what differs there."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests"), os.environ.get("PYTHONPATH", "")])
    settings = log.parent / ".jupyter"
    (settings / "labconfig").mkdir(parents=True, exist_ok=True)
    (settings / "labconfig" / "page_config.json").write_text(json.dumps({"disabledExtensions": _NEWS}))
    # Neither the user's settings nor other servers' workspaces.
    own = {"PYTHONPATH": path, "JUPYTER_CONFIG_DIR": str(settings)} | (environment or {})
    with log.open("w") as output:
        server = subprocess.Popen(
            command(port), stdout=output, stderr=subprocess.STDOUT, env=os.environ | own, cwd=ROOT,
            start_new_session=True,
        )  # fmt: skip
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(address, server)
            yield address
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait()


def copy_notebooks(directory):
    """The notebooks and their server's configuration in a directory where they may be saved."""
    return Path(shutil.copytree(NOTEBOOKS, directory / "notebooks"))


def write_notebook(path, *cells):
    """A notebook with these code cells."""
    cells = [
        {"cell_type": "code", "id": f"c{i}", "metadata": {}, "execution_count": None, "outputs": [], "source": source}
        for i, source in enumerate(cells)
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)"}}
    path.write_text(json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}))


def leave(page):
    """Leave a page whose server is about to end, of which it would complain."""
    page.goto("about:blank")


def open_notebook(page, address, name):
    """Open a notebook in JupyterLab."""
    page.goto(f"{address}/lab/workspaces/{uuid.uuid4().hex}/tree/{name}")  # in which nothing else is open
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
    page.get_by_text("| Idle").wait_for(timeout=60_000)
    page.wait_for_timeout(1000)  # it is idle once before it has started
    page.get_by_text("| Idle").wait_for(timeout=60_000)
    page.locator(".jp-Notebook .jp-CodeCell .jp-InputArea-editor").first.click()


def run_all(page):
    """Run all cells."""
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()


def wait_for_run(page, number=0):
    """Wait until the panel with that number has finished a run."""
    page.get_by_role("button", name="Run", exact=True).nth(number).wait_for(timeout=60_000)
    page.wait_for_function(
        "number => { const panel = document.querySelectorAll('.run-panel')[number];"
        " return panel.querySelector('.run-start') && !panel.querySelector('.run-start').disabled }",
        arg=number,
        timeout=LONG,
    )


def _wait_for(address, server):
    for _ in range(1200):
        if server.poll() is not None:
            break
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            urllib.request.urlopen(address, timeout=5).close()
            return
        time.sleep(0.25)
    raise TimeoutError(f"nobody answers at {address}")


def save(page, path):
    """Save the notebook that is open; returns its bytes."""
    before = path.stat().st_mtime_ns
    page.keyboard.press("Control+s")
    for _ in range(300):
        if path.stat().st_mtime_ns != before:
            break
        page.wait_for_timeout(100)
    page.wait_for_timeout(300)
    return path.stat().st_size


def reopen(page):
    """Load the notebook again; returns all that it shows."""
    page.reload()
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
    page.get_by_text("| Idle").wait_for(timeout=60_000)
    page.wait_for_timeout(2000)
    return page.inner_text(".jp-Notebook")


def overhang(page):
    """What is wider than the output of its cell, or stands beside it: figures, their titles, entries of legends, whole
    panels."""
    return page.evaluate(
        """() => {
            const found = []
            const output_of = element =>
                element.closest(".jp-OutputArea-output") ?? output_of(element.getRootNode().host)
            const check = (element, what) => {
                const output = output_of(element).getBoundingClientRect()
                const {left, right} = element.getBoundingClientRect()
                if (left < output.left - 1 || right > output.right + 1) found.push(what)
            }
            const brush = document.createElement("canvas").getContext("2d")
            const visit = view => {
                if (!view.frame) return [...view.children_views()].forEach(visit)
                const {title} = view.model
                if (!view.model.visible) return
                check(view.el, `figure ${title?.text}`)
                if (!title) return
                brush.font = `${title.text_font_style} ${title.text_font_size.value} ${title.text_font}`
                for (const line of title.text.split("\\n")) {
                    const room = view.el.getBoundingClientRect().width - view.frame.bbox.left
                    if (brush.measureText(line).width > room) found.push(`title ${line}`)
                }
            }
            Object.values(window.Bokeh?.index.roots ?? window.Bokeh?.index ?? {}).forEach(visit)
            document.querySelectorAll(".legend-entry").forEach(entry => check(entry, entry.innerText))
            document.querySelectorAll(".jp-OutputArea-output").forEach(output => {
                if (output.scrollWidth > output.clientWidth + 1) found.push("an output that scrolls")
            })
            return found
        }"""
    )
