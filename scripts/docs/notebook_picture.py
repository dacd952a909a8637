"""The picture of a notebook in README.md: JupyterLab after 02_one_token has run, as the browser's tests see it."""

import importlib.util
import io
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from golden.errors import InputError
from scripts.docs.pages import ROOT

PICTURE = ROOT / "docs" / "notebook.png"
_SIZE = {"width": 1100, "height": 1060}


def take():
    """Take the picture anew. Raises InputError where JupyterLab or Chromium is missing."""
    chromium = shutil.which("chromium")
    if chromium is None or importlib.util.find_spec("jupyterlab") is None:
        raise InputError("the picture needs Debian's chromium, and JupyterLab, which `make test-notebooks` installs")
    sys.path.insert(0, str(ROOT / "tests"))
    from browser.jupyter import copy_notebooks, open_notebook, run_all, serving, wait_for_run

    with (
        tempfile.TemporaryDirectory() as scratch,
        serving("jupyterlab", copy_notebooks(Path(scratch))) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport=_SIZE)
        open_notebook(page, address, "02_one_token.ipynb")
        page.keyboard.press("Control+b")  # without the list of files
        run_all(page)
        wait_for_run(page)
        page.evaluate("document.querySelector('.jp-CodeCell').scrollIntoView()")
        page.wait_for_timeout(3000)
        with Image.open(io.BytesIO(page.screenshot())) as image:
            image.convert("RGB").save(PICTURE, optimize=True)
        browser.close()
