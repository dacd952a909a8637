"""docs/handshake.svg: a pipeline register under back-pressure, drawn from a simulated run."""

from myhdl_acc.hdl.stream.m2s_pipe import m2s_pipe
from myhdl_acc.hdl.stream.stream import Stream
from myhdl_acc.simulate import Design, clock, open_simulation, reset
from myhdl_acc.viz.palette import COLOURS
from scripts.docs.svg import document, line, text

WORDS = tuple("ABCDEFGH")
_GAPS = {"sink": [0, 0, 0, 3, 0, 2, 0, 0], "source": [0, 0, 3, 0, 0, 3, 0, 0]}
_MEANINGS = {
    "transfer": "valid and ready: the word moves",
    "stalled": "valid, not ready: the word waits",
    "starved": "ready, not valid: the receiver waits",
    "idle": "neither",
}
_LEFT, _CELL, _ROW, _HIGH = 130, 52, 34, 18
_TOP = 88


def handshake_run():
    """The recorded Run of m2s_pipe: eight words, with gaps at both sides."""
    design = Design(m2s_pipe, clk=clock(), rst=reset(), sink=Stream(data=8), source=Stream(data=8))
    words = list(range(len(WORDS)))
    with open_simulation(design) as simulation:
        return simulation.run({"sink": {"data": words}}, {"source": len(words)}, _GAPS, record=True)


def states(run, stream):
    """The stream's state in every cycle of a recorded run."""
    found = [None] * run.cycles
    for event in run.events:
        if event.unit == stream:
            found[event.cycle_start : event.cycle_end] = [event.state] * (event.cycle_end - event.cycle_start)
    return found


def handshake_figure():
    """The SVG's text."""
    run = handshake_run()
    width, height = _LEFT + _CELL * run.cycles + 20, _TOP + _ROW * 9 + 52
    parts = [text(20, 26, "A pipeline register (m2s_pipe) under back-pressure, as simulated", "title")]
    for number, (state, meaning) in enumerate(_MEANINGS.items()):
        x, y = 20 + 330 * (number % 2), 40 + 18 * (number // 2)
        parts += [_shade(x, y, 14, 12, state), text(x + 20, y + 10, f"{state}: {meaning}", "small")]
    parts += [text(20, _TOP + 20, "clock"), line(_clock(run.cycles, _TOP), "wave")]
    for number, stream in enumerate(("sink", "source")):
        parts += _stream(run, stream, _TOP + _ROW + number * (4 * _ROW + 20))
    for cycle in range(run.cycles + 1):
        x = _LEFT + _CELL * cycle
        parts.append(line([(x, _TOP), (x, height - 26)], "grid"))
        if cycle < run.cycles:
            parts.append(text(x + _CELL / 2, height - 12, str(cycle), "small", "middle"))
    return document(width, height, parts)


def _stream(run, stream, top):
    found = states(run, stream)
    rows = {name: top + _ROW * number for number, name in enumerate(("state", "valid", "ready", "data"))}
    for cycle, state in enumerate(found):
        x = _LEFT + _CELL * cycle
        yield _shade(x, top + 6, _CELL, 4 * _ROW - 6, state)
        yield text(x + _CELL / 2, top + 22, state, "small", "middle")
    for name, y in rows.items():
        yield text(20, y + 22, f"{stream} {name}" if name != "state" else stream)
    valid = [state in ("transfer", "stalled") for state in found]
    ready = [state in ("transfer", "starved") for state in found]
    yield line(_levels(valid, rows["valid"]), "wave")
    yield line(_levels(ready, rows["ready"]), "wave")
    word = 0
    for cycle, (offered, taken) in enumerate(zip(valid, ready, strict=True)):
        if offered:
            yield text(_LEFT + _CELL * (cycle + 0.5), rows["data"] + 22, WORDS[word], anchor="middle")
        word += offered and taken


def _shade(x, y, width, height, state):
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{COLOURS[state]}" fill-opacity="0.35"/>'


def _clock(cycles, top):
    """A cycle ends with the rising edge at its right side, at which words move."""
    low, high, points = top + 26, top + 26 - _HIGH, []
    for cycle in range(cycles):
        x = _LEFT + _CELL * cycle
        points += [(x, high), (x + _CELL / 2, high), (x + _CELL / 2, low), (x + _CELL, low)]
    return [*points, (_LEFT + _CELL * cycles, high)]


def _levels(values, top):
    low, high, points = top + 28, top + 28 - _HIGH, []
    for cycle, value in enumerate(values):
        y = high if value else low
        points += [(_LEFT + _CELL * cycle, y), (_LEFT + _CELL * (cycle + 1), y)]
    return points
