"""The YAML file of a search: which points there may be, and what is wanted of them."""

import dataclasses
import math
from dataclasses import dataclass

from golden.errors import InputError, shown
from golden.formats.matrix import PHASES
from golden.llm.compress.allocate import BITS, allocate
from golden.llm.models import embedded
from myhdl_acc.report.perf.mix import mix_text
from myhdl_acc.report.perf.shapes import shape
from myhdl_acc.report.sweep import yaml_file
from myhdl_acc.report.sweep.point import Point
from myhdl_acc.report.sweep.spec import CLOCKS, CONTEXTS, WINDOWS
from myhdl_acc.report.sweep.weighed import Weighed
from myhdl_acc.report.sweep.yaml_file import Keys
from myhdl_acc.rtl.config import AcceleratorConfig

_KEYS = {
    "model": "a model, as `perf --model` takes it",
    "base": "a preset",
    "config": "a mapping from fields of the configuration to lists of values",
    "weights": f"one of {', '.join(PHASES)}, or a mix of them as `perf --weights` takes it",
    "formats": "a mapping with `kinds`, a list of formats, and `per`: model, matrix or layer",
    "window": "a number of tokens",
    "context": "a number of tokens",
    "clock": "a number of MHz",
    "goal": "a mapping from columns to weights above 0",
    "where": "conditions as `sweep --best` takes them",
    "synth": "true or false",
    "confirm": "a number of points",
}
_FORMATS = {"kinds": f"a list of {', '.join(PHASES)}", "per": "one of model, matrix, layer"}
_MOST_CONFIRMED = 100


@dataclass(frozen=True)
class Formats:
    """``kinds`` that are tried, the one with fewest bits first, and ``groups`` ({part of a mix: matrices}) of which
    each has one; the only part of a model as a whole is None.
    """

    kinds: tuple
    groups: dict

    def text(self, chosen):
        """The mix of ``chosen`` ({part: kind})."""
        if None in chosen:
            return chosen[None]
        used = set(chosen.values())
        return mix_text(next(kind for kind in self.kinds if kind in used), chosen)


@dataclass(frozen=True)
class Space:
    """Points of ``model`` on configurations that differ from that of ``base`` in ``fields`` ({field: values}), with the
    matrices in ``weights``, or where ``formats`` is one (Formats) in those. ``goal`` (Weighed) orders them.

    ``synth``: whether the card's resources are found, too; ``confirm``: how many of the best are measured on RTL.
    """

    model: str
    base: AcceleratorConfig
    fields: dict
    weights: str | None
    formats: Formats | None
    window: int | None
    context: int
    clock: int
    goal: Weighed
    synth: bool
    confirm: int

    @property
    def choices(self):
        """``{choice: values}`` of which a point has one each, in order."""
        groups = {("format", part): self.formats.kinds for part in self.formats.groups} if self.formats else {}
        return {("config", field): values for field, values in self.fields.items()} | groups

    @property
    def size(self):
        """How many points there are."""
        return math.prod(map(len, self.choices.values()))

    def point(self, chosen):
        """The Point of ``chosen`` ({choice: value}). Raises InputError for a configuration that there cannot be."""
        changed, formats = (
            {name: value for (kind, name), value in chosen.items() if kind == wanted} for wanted in ("config", "format")
        )
        weights = self.formats.text(formats) if self.formats else self.weights
        config = dataclasses.replace(self.base, **changed)
        return Point(self.model, weights, config, self.window, self.context, self.clock, "analytic")

    def presets(self):
        """What is chosen in the preset itself, with all matrices in one format: one for each format that is tried."""
        if not self.formats:
            return [self._in_preset({})]
        return [self._in_preset(dict.fromkeys(self.formats.groups, kind)) for kind in self.formats.kinds]

    def allocated(self, losses):
        """What is chosen in the preset with the formats that lose least within some budgets of bits: where a search
        may begin. ``losses`` ({matrix: {kind: loss}}) are those of sensitivities().
        """
        if not self.formats:
            return []
        sizes = shape(self.model, self.formats.kinds[0]).spec.layer_sizes
        parts = {
            part: {kind: sum(losses[name][kind] for name in matrices) for kind in self.formats.kinds}
            for part, matrices in self.formats.groups.items()
        }
        weights = {part: sum(sizes[name] for name in matrices) for part, matrices in self.formats.groups.items()}
        least, most = (BITS[self.formats.kinds[end]] for end in (0, -1))
        budgets = [least + share * (most - least) for share in (0.25, 0.5, 0.75)]
        return [self._in_preset(allocate(parts, weights, budget)) for budget in budgets]

    def _in_preset(self, formats):
        own = {("config", field): getattr(self.base, field) for field in self.fields}
        return own | {("format", part): kind for part, kind in formats.items()}


def load(path):
    """The Space in the YAML file ``path``. Raises InputError that names the key that is wrong."""
    return yaml_file.load(path, parse)


def parse(values):
    """The Space of the mapping ``values``."""
    keys = Keys(values, _KEYS)
    model = keys.get("model")
    if not isinstance(model, str):
        raise keys.wrong("model", model)
    window = keys.get("window")
    if window is not None:
        keys.integer("window", None, *WINDOWS)
    base = yaml_file.preset("base", keys.get("base"))
    synth = keys.truth("synth", True)
    weights = _weights(keys, model)
    return Space(
        model=model,
        base=base,
        fields=_fields(keys, base),
        weights=weights,
        formats=_formats(keys, model),
        window=window,
        context=keys.integer("context", 4096, *CONTEXTS),
        clock=keys.integer("clock", 225, *CLOCKS),
        goal=_goal(keys, synth),
        synth=synth,
        confirm=keys.integer("confirm", 1, 0, _MOST_CONFIRMED),
    )


def _fields(keys, base):
    fields = keys.get("config", {})
    if not isinstance(fields, dict):
        raise keys.wrong("config", fields)
    found = {}
    for name, options in yaml_file.field_values("config", fields).items():
        for value in options:
            dataclasses.replace(base, **{name: value})  # one that cannot be is refused here
        found[name] = tuple(sorted({getattr(base, name), *options}))
    return found


def _weights(keys, model):
    if embedded.is_compressed(model):
        for key in ("weights", "formats"):
            if keys.get(key) is not None:
                raise InputError(f"{key}: {model} is compressed: its matrices have their formats")
        shape(model)
        return None
    weights = keys.get("weights", "w2")
    if not isinstance(weights, str):
        raise keys.wrong("weights", weights)
    shape(model, weights)
    return weights


def _formats(keys, model):
    found = keys.get("formats")
    if found is None:
        return None
    if keys.get("weights") is not None:
        raise InputError("weights: not with formats, which are tried instead")
    own = Keys(found, _FORMATS)
    kinds = own.list("kinds")
    for kind in kinds:
        if kind not in PHASES:
            raise own.wrong("kinds", kind)
    spec = shape(model, kinds[0]).spec
    layers, names = range(spec.layers), spec.layer_matrices
    groups = {
        "model": {None: list(spec.layer_sizes)},
        "matrix": {name: [f"layers.{layer}.{name}" for layer in layers] for name in names},
        "layer": {f"layers.{layer}": [f"layers.{layer}.{name}" for name in names] for layer in layers},
    }
    return Formats(tuple(kind for kind in PHASES if kind in kinds), groups[own.chosen("per", groups, "model")])


def _goal(keys, synth):
    goal, where = keys.get("goal"), keys.get("where", "")
    if not isinstance(goal, dict) or not goal:
        raise keys.wrong("goal", goal)
    if not isinstance(where, str):
        raise keys.wrong("where", where)
    found = Weighed.parse(goal, where)
    if not synth and (area := found.area):
        raise InputError(f"synth: {shown(False)}, but {', '.join(area)} is what a synthesis says")
    return found
