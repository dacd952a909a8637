"""What every panel needs of a notebook: bokeh in the browser, without leaving it in the file."""

import os

from bokeh.resources import Resources
from IPython.display import display

_SCRIPT = "if (!window.Bokeh) (function() {{ {} }}).call(window)"


def load_bokeh():
    """Give the browser bokeh's scripts, 1.3 MB, unless it has them.

    The output that carries them is emptied at once, so that saving the notebook does not save them. Voila shows a
    notebook's outputs only when all cells have run, and saves nothing, so there they stay.
    """
    scripts = Resources("inline", components=["bokeh"]).js_raw
    script = _SCRIPT.format("\n".join(scripts))
    handle = display({"application/javascript": script, "text/plain": ""}, raw=True, display_id=True)
    if handle is not None and "VOILA_REQUEST_URL" not in os.environ:
        handle.update({"text/plain": ""}, raw=True)
