"""Perplexity against bits per weight and against tokens per second, as an SVG picture."""

from xml.sax.saxutils import escape

import numpy as np

from benchmarks.evaluation.rates import tokens_per_second
from golden.files import replacing

_LEFT, _TOP, _WIDTH, _HEIGHT, _GAP = 60, 56, 340, 300, 70
_COLOURS = ("#1f5fbf", "#c0392b", "#2a8a4a")
_LARGEST = 30  # perplexities beyond so many times the float one are drawn at the edge


def write_plot(path, results):
    """``results``: {Subject: {row name: figures or a reason}}. Both panels show the perplexity over the float one."""
    with replacing(path) as file:
        file.write("\n".join(_lines(results)) + "\n")


def pareto(points):
    """Indices of the points (x, y) that no other one beats: less or equal in both, less in one."""
    return [
        index
        for index, (x, y) in enumerate(points)
        if not any((a <= x and b <= y) and (a < x or b < y) for a, b in points)
    ]


def _lines(results):
    width, height = _LEFT + 2 * _WIDTH + _GAP + 20, _TOP + _HEIGHT + 50
    size = f'width="{width}" height="{height}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="11">'
    yield f'<rect width="{width}" height="{height}" fill="#fff"/>'
    yield (
        f'<text x="{_LEFT}" y="16" font-size="13">Perplexity over the float one, of what the integer decoder runs '
        "(ringed and joined: the Pareto front)</text>"
    )
    for number, subject in enumerate(results):
        x = _LEFT + 110 * number
        yield f'<circle cx="{x + 5}" cy="31" r="4" fill="{_COLOURS[number % 3]}"/>'
        yield f'<text x="{x + 14}" y="35">{subject.name}</text>'
    series = [_points(subject, found) for subject, found in results.items()]
    yield from _panel(_LEFT, "bits per weight of the layers' matrices", series, lambda p: p[1], smaller=True)
    yield from _panel(
        _LEFT + _WIDTH + _GAP, "tokens per second on demo (estimated from bytes)", series, lambda p: p[2], smaller=False
    )
    yield "</svg>"


def _points(subject, found):
    """``[(row name, bits, tokens/s or None, ratio)]``."""
    exact = found[subject.baseline]
    if isinstance(exact, str):
        return []
    rates = tokens_per_second(subject, found)
    return [
        (name, figures["bits"], rates.get(name), figures["perplexity"] / exact["perplexity"])
        for name, figures in found.items()
        if not isinstance(figures, str) and not name.startswith("float")
    ]


def _panel(left, title, series, value, smaller):
    series = [[point for point in points if value(point) is not None] for points in series]
    values = [value(point) for points in series for point in points]
    if not values:
        return
    low, high = min(values), max(values)
    if smaller:
        low, high = 0, max(high, 9)
    else:
        low, high = low / 1.2, high * 1.2

    def horizontal(x):
        share = (x - low) / (high - low) if smaller else np.log(x / low) / np.log(high / low)
        return left + _WIDTH * share

    def vertical(ratio):
        share = np.log(min(max(ratio, 0.95), _LARGEST) / 0.95) / np.log(_LARGEST / 0.95)
        return _TOP + _HEIGHT * (1 - share)

    bottom = _TOP + _HEIGHT
    yield f'<path d="M{left} {_TOP}V{bottom}H{left + _WIDTH}" fill="none" stroke="#444"/>'
    for ratio in (1, 1.1, 1.2, 1.5, 2, 3, 5, 10, 20, _LARGEST):
        label = f"≥ {ratio}" if ratio == _LARGEST else f"{ratio:g}"
        yield f'<path d="M{left} {vertical(ratio):.1f}h{_WIDTH}" stroke="#ddd"/>'
        yield f'<text x="{left - 6}" y="{vertical(ratio) + 4:.1f}" text-anchor="end">{label}</text>'
    ticks = range(0, int(high) + 1) if smaller else [b * 10**p for p in range(7) for b in (1, 2, 5)]
    for tick in ticks:
        if low <= tick <= high:
            yield f'<text x="{horizontal(tick):.1f}" y="{bottom + 16}" text-anchor="middle">{tick:,}</text>'
    yield f'<text x="{left + _WIDTH / 2}" y="{bottom + 36}" text-anchor="middle">{title}</text>'
    for number, points in enumerate(series):
        colour = _COLOURS[number % 3]
        front = pareto([(value(p) if smaller else -value(p), p[3]) for p in points])
        corners = sorted((horizontal(value(points[i])), vertical(points[i][3])) for i in front)
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-opacity="0.4"/>'
        for index, point in enumerate(points):
            x, y = horizontal(value(point)), vertical(point[3])
            ring = ' stroke="#000" stroke-width="1.5"' if index in front else ""
            name = escape(f"{point[0]}: {point[3]:.3f} × float, {value(point):,.2f}")
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"{ring}><title>{name}</title></circle>'
