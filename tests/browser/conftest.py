"""Pages in Debian's Chromium: a test looks at pixels, leaves a screenshot, and allows no error on the console."""

import shutil
from pathlib import Path

import pytest
from browser.jupyter import copy_notebooks, serving
from small_model import write_small_model

SHOTS = Path(__file__).parents[2] / "build" / "browser"
_WIDTH, _HEIGHT = 1100, 900
_NOT_OURS = "/static/notebook/notebook_core"  # Notebook 7.6 stumbles over its own settings before it opens anything


@pytest.fixture(scope="session")
def chromium():
    """The browser. A machine on which neither it nor a package of it is skips."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("chromium is not installed (on Debian: apt-get install chromium; make setup does as root)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(chromium, request):
    """A tab 1,100 pixels wide, whose last sight is kept as build/browser/NAME.png."""
    page = chromium.new_page(viewport={"width": _WIDTH, "height": _HEIGHT})
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)) if _NOT_OURS not in (error.stack or "") else None)
    yield page
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{request.node.name}.png")
    page.close()
    assert not complaints


@pytest.fixture(scope="session")
def directory(tmp_path_factory):
    """A copy of the notebooks, which may be saved."""
    return copy_notebooks(tmp_path_factory.mktemp("jupyter"))


@pytest.fixture(scope="session")
def lab(directory):
    """The address of JupyterLab in ``directory``."""
    with serving("jupyterlab", directory) as address:
        yield address


@pytest.fixture(scope="session")
def model(directory):
    """The file of a model that ``tiny`` decodes in a second."""
    return write_small_model(directory, context=512)
