"""JupyterLab and Voila as servers for the tests, and what a user does in them."""

import contextlib
import importlib.util
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path

import pytest

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
LONG = 600_000
"""Milliseconds for what builds a simulator."""

_OPTIONS = {
    "jupyterlab": ["--allow-root", "--ServerApp.token=", "--ServerApp.port_retries=0"],
    "voila": [],
}


def require(*modules):
    """Skip unless these are installed."""
    for module in modules:
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"{module} is not installed: make test-notebooks does")


@contextlib.contextmanager
def serving(module, directory):
    """The address of a server of ``directory``: ``jupyterlab`` or ``voila``."""
    require(module)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", module, str(directory), "--no-browser", f"--port={port}", *_OPTIONS[module]]
    if module == "jupyterlab":
        command.append(f"--config={directory / 'jupyter_server_config.py'}")
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(NOTEBOOKS.parent), os.environ.get("PYTHONPATH", "")])
    }
    with (directory / f"{module}.log").open("w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=environment)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(address)
            yield address
        finally:
            server.terminate()
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


def _wait_for(address):
    for _ in range(240):
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            urllib.request.urlopen(address, timeout=5).close()
            return
        time.sleep(0.25)
    raise TimeoutError(f"nobody answers at {address}")
