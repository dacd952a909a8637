"""For Jupyter servers that show these notebooks: what nobody could open again is not saved.

A widget lives as long as its kernel. Saved, it would be an error message in the notebook that is opened next.
"""

_WIDGET = "application/vnd.jupyter.widget-view+json"


def without_widgets(model, **_):
    """Drop the outputs of cells that display widgets from a notebook that is about to be saved."""
    if model["type"] != "notebook" or model["content"]["nbformat"] != 4:
        return
    for cell in model["content"]["cells"]:
        if any(_WIDGET in output.get("data", ()) for output in cell.get("outputs", ())):
            cell["outputs"], cell["execution_count"] = [], None


c = get_config()  # noqa: F821  which Jupyter puts into this file's names
c.FileContentsManager.pre_save_hook = without_widgets
