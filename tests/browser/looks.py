"""What a test sees of a page: pixels, boxes and the state of its bokeh figures."""

import io

import numpy as np
from PIL import Image


def pixels(page, box=None):
    """uint8 (height, width, 3) of what is in sight, or of the part ``box`` {"x", "y", "width", "height"}."""
    with Image.open(io.BytesIO(page.screenshot(**({"clip": box} if box else {})))) as image:
        return np.asarray(image.convert("RGB"))


def count(image, colour):
    """Pixels that have exactly this colour, #RRGGBB."""
    return int((image == [int(colour[i : i + 2], 16) for i in (1, 3, 5)]).all(axis=-1).sum())


def figure(page, number=0):
    """Of the figure with that number: ``start`` and ``end`` in sight, which renderers are ``visible``, the
    ``title``, the x axis' ``label`` and ``ticks``, and the ``frame``'s box on the page."""
    return page.evaluate(
        """number => {
            const views = []
            const visit = view => { view.frame ? views.push(view) : [...view.children_views()].forEach(visit) }
            Object.values(Bokeh.index.roots ?? Bokeh.index).forEach(visit)
            const view = views[number], figure = view.model
            const {left, top, width, height} = view.frame.bbox
            const {x, y} = view.el.getBoundingClientRect()
            const axis = view.views.get_one(figure.below[0])
            return {
                start: figure.x_range.start, end: figure.x_range.end,
                visible: figure.renderers.map(renderer => renderer.visible),
                title: figure.title?.text,
                label: figure.below[0].axis_label,
                ticks: axis.tick_coords.major[0],
                frame: {x: x + left, y: y + top, width, height},
            }
        }""",
        number,
    )
