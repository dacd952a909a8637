"""docs/accelerator.svg: the units of the accelerator and their links, as elaborated; their places are set here."""

from golden.errors import InputError
from myhdl_acc.rtl.config import AcceleratorConfig
from scripts.docs.links import BUS, links
from scripts.docs.svg import arrow, box, document, text

PRESET = "u280"
_SIZE = 1140, 700

#: x, y, width, height of every unit that has a link.
_PLACES = {
    "host": (20, 50, 100, 80),
    "controller": (200, 50, 920, 80),
    "program_memory": (200, 240, 150, 60),
    "read_issue": (440, 240, 105, 60),
    "engine_issue": (640, 240, 110, 60),
    "load_unit": (780, 240, 100, 60),
    "activation_buffer": (960, 240, 120, 60),
    "HBM": (20, 450, 100, 150),
    "port_guard": (200, 450, 150, 110),
    "lane_memory": (440, 450, 130, 150),
    "engine": (690, 450, 130, 150),
    "vector_unit": (970, 450, 150, 150),
}

#: (from, to): the corners of the arrow, then where its first label stands; every further label is a line below it.
_ROUTES = {
    ("host", "controller"): ([(120, 105), (200, 105)], (138, 66)),
    ("controller", "host"): ([(200, 118), (120, 118)], (138, 134)),
    ("controller", "program_memory"): ([(215, 130), (215, 240)], (219, 180)),
    ("program_memory", "controller"): ([(335, 240), (335, 130)], (339, 180)),
    ("controller", "read_issue"): ([(495, 130), (495, 240)], (499, 180)),
    ("controller", "engine_issue"): ([(695, 130), (695, 240)], (699, 180)),
    ("controller", "load_unit"): ([(830, 130), (830, 240)], (834, 180)),
    ("controller", "vector_unit"): ([(1100, 130), (1100, 450)], (1040, 180)),
    ("controller", "lane_memory"): ([(552, 130), (552, 450)], (564, 190)),
    ("read_issue", "lane_memory"): ([(520, 300), (520, 450)], (416, 325)),
    ("engine_issue", "engine"): ([(720, 300), (720, 450)], (670, 380)),
    ("load_unit", "engine"): ([(800, 300), (800, 450)], (750, 400)),
    ("program_memory", "port_guard"): ([(225, 300), (225, 450)], (229, 380)),
    ("port_guard", "program_memory"): ([(300, 450), (300, 300)], (304, 380)),
    ("lane_memory", "program_memory"): ([(455, 450), (455, 390), (380, 390), (380, 285), (350, 285)], (384, 404)),
    ("program_memory", "lane_memory"): ([(350, 260), (400, 260), (400, 370), (480, 370), (480, 450)], (404, 364)),
    ("lane_memory", "port_guard"): ([(440, 490), (350, 490)], (364, 484)),
    ("port_guard", "lane_memory"): ([(350, 530), (440, 530)], (362, 524)),
    ("port_guard", "HBM"): ([(200, 490), (120, 490)], (130, 484)),
    ("HBM", "port_guard"): ([(120, 530), (200, 530)], (128, 524)),
    ("lane_memory", "HBM"): ([(470, 600), (470, 632), (90, 632), (90, 600)], (220, 614)),
    ("HBM", "lane_memory"): ([(50, 600), (50, 652), (500, 652), (500, 600)], (220, 647)),
    ("lane_memory", "engine"): ([(570, 490), (690, 490)], (584, 484)),
    ("engine", "lane_memory"): ([(690, 530), (570, 530)], (584, 524)),
    ("engine", "vector_unit"): ([(820, 540), (970, 540)], (860, 534)),
    ("vector_unit", "engine"): ([(970, 490), (820, 490)], (848, 484)),
    ("vector_unit", "lane_memory"): ([(1045, 600), (1045, 632), (540, 632), (540, 600)], (740, 626)),
}

#: The same for plain signals.
_BUSES = {
    ("controller", "program_memory"): ([(270, 130), (270, 240)], (274, 205)),
    ("controller", "lane_memory"): ([(560, 130), (560, 450)], (564, 220)),
    ("controller", "vector_unit"): ([(1112, 130), (1112, 450)], (1040, 205)),
    ("activation_buffer", "load_unit"): ([(960, 270), (880, 270)], (896, 264)),
    ("vector_unit", "activation_buffer"): ([(1060, 450), (1060, 300)], (948, 345)),
    ("vector_unit", "load_unit"): ([(990, 450), (990, 390), (860, 390), (860, 300)], (876, 384)),
}
_OUTSIDE = ("host", "HBM")


def accelerator_figure():
    """The SVG's text. Raises InputError for a unit or a link of the design that has no place here."""
    units, found = links(AcceleratorConfig.preset(PRESET))
    streams, buses = {}, {}
    for link in found:
        (streams if link.stream else buses).setdefault((link.source, link.sink), []).append(link)
    drawn = {name for pair in [*streams, *buses] for name in pair}
    _require_places("unit", _PLACES, drawn)
    _require_places("stream", _ROUTES, streams)
    _require_places("signal", _BUSES, buses)
    parts = [text(20, 28, f"The accelerator of {PRESET}, as elaborated", "title")]
    parts += [part for name in sorted(_PLACES) for part in _unit(name, units.get(name, 1))]
    parts += [part for pair, joined in sorted(streams.items()) for part in _arrow("link", *_ROUTES[pair], joined)]
    parts += [part for pair, joined in sorted(buses.items()) for part in _arrow("bus", *_BUSES[pair], joined)]
    missing = ", ".join(f"{name} × {count}" for name, count in units.items() if name not in drawn)
    parts += [
        text(20, 676, "Blue: streams, with the bits of their payload; 32 × is one for each lane. "
             f"Dashed: plain signals of {BUS} bits or more.", "small"),
        text(20, 691, f"Not drawn: {missing}; narrower signals; what the accelerator's own processes drive.", "small"),
    ]  # fmt: skip
    return document(*_SIZE, parts)


def _require_places(kind, placed, there):
    for each in sorted(set(placed) ^ set(there)):
        problem = "has no place" if each in there else "is not in the design"
        raise InputError(f"docs/accelerator.svg: {kind} {each} {problem}; see scripts/docs/accelerator_figure.py")


def _unit(name, count):
    x, y, width, height = _PLACES[name]
    yield box(x, y, width, height, "outside" if name in _OUTSIDE else "box")
    yield text(x + width / 2, y + height / 2 + (4 if count == 1 else -3), name, anchor="middle")
    if count > 1:
        yield text(x + width / 2, y + height / 2 + 13, f"× {count}", anchor="middle")


def _arrow(kind, points, place, joined):
    yield arrow(points, kind)
    for number, link in enumerate(sorted(joined, key=lambda link: link.name)):
        times = f"{link.count} × " if link.count > 1 else ""
        yield text(place[0], place[1] + 13 * number, f"{times}{link.name} {link.bits}", "small")
