"""A point of the design space, and the row that stands for it in a results file."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from functools import partial

from golden.errors import InputError
from myhdl_acc.report.perf.energy import estimate
from myhdl_acc.report.perf.measure import cache_rule
from myhdl_acc.report.perf.report import analytic, measure, window_of
from myhdl_acc.report.perf.shapes import shape
from myhdl_acc.report.synthesis import BUDGET, synthesise
from myhdl_acc.rtl.config import AcceleratorConfig

METHODS = ("composed", "simulated", "analytic")


@dataclass(frozen=True)
class Point:
    """``model`` with its matrices in ``weights`` (None: its own formats) on ``config``, decoding and taking a prompt
    with a context of ``context`` tokens and a cache of ``window`` ones (None: as ``perf``), at ``clock`` MHz.
    """

    model: str
    weights: str | None
    config: AcceleratorConfig
    window: int | None
    context: int
    clock: int
    method: str

    @property
    def key(self):
        """Equal for equal points, in every process."""
        return hashlib.sha256(json.dumps(dataclasses.asdict(self), sort_keys=True).encode()).hexdigest()[:16]

    def settings(self):
        """The columns of a row that say what the point is."""
        own = {name: getattr(self, name) for name in ("model", "window", "context", "clock")}
        return own | {"weights": self.weights or "own"} | dataclasses.asdict(self.config)


def figures(point):
    """The columns that say what a token takes, and a prompt's last full pass within the cache: of RTL, simulated or
    composed, or what the analytic model says of it.

    Raises InputError for what cannot be measured, such as a model that does not fit.
    """
    config, hertz = point.config, point.clock * 1_000_000
    options = {"weights": point.weights, "clock_hz": hertz}
    find = analytic if point.method == "analytic" else partial(measure, composed=point.method == "composed")
    decode, prefill = (
        find(point.model, config, context, point.window, phase, **options)
        for phase, context in (("decode", point.context), ("prefill", _filled(point)))
    )
    energy = estimate(decode, config.lanes * config.atoms * 16 * config.rows)
    return {
        "method": decode.method,
        "bits": shape(point.model, point.weights).bits,
        "window": decode.rule.capacity,
        "tokens_per_s": decode.tokens_per_s,
        "prefill_tokens_per_s": prefill.tokens_per_s,
        "cycles": decode.cycles_per_token,
        "prefill_cycles": float(prefill.measured.cycles),
        "bytes_per_token": decode.bytes_per_token,
        "share_of_peak": decode.share_of_peak,
        "share_of_achievable": decode.share_of_achievable,
        "multiplied": float(decode.measured.multiplied),
        "joules_per_token": energy["joules_per_token"],
    }


def figures_with_loss(losses, point):
    """figures(), and what the formats of ``point`` lose by the sum of ``losses`` ({matrix: {kind: loss}})."""
    kinds = shape(point.model, point.weights).kinds
    return figures(point) | {"loss": sum(of_kind[kinds[name]] for name, of_kind in losses.items())}


def _filled(point):
    """The last context, up to that of ``point``, at which a pass of a prompt with a token in every row ends."""
    whole, rows = shape(point.model, point.weights), point.config.rows
    held = min(point.context, cache_rule(whole.spec, window_of(whole, point.window)).capacity)
    step = 1 << (rows - 1).bit_length()  # operations on the cache begin at multiples of powers of two
    if held < rows:
        raise InputError(f"sweep: a cache of {held} tokens is less than a pass of {rows}")
    return (held - rows) // step * step + rows


def area(design_of, config):
    """The columns that say what ``design_of(config)`` takes of the card: counts, and shares of what is there.

    Raises ConversionError for what Yosys refuses.
    """
    return resource_columns(synthesise(design_of(config)).total) | {"area": "synthesised"}


def resource_columns(total):
    """The columns of ``total`` (Resources): counts, and shares of what is there."""
    counts = dataclasses.asdict(total)
    shares = {name: count / getattr(BUDGET, name) for name, count in counts.items()}
    return shares | {f"{name}_cells": float(count) for name, count in counts.items()}
