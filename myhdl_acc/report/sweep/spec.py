"""The YAML file that says which points there are."""

import dataclasses
import itertools
import math

from golden.errors import InputError
from golden.formats.matrix import PHASES
from golden.llm.models import embedded
from myhdl_acc.report.perf.shapes import shape
from myhdl_acc.report.sweep import yaml_file
from myhdl_acc.report.sweep.point import METHODS, Point
from myhdl_acc.report.sweep.yaml_file import Keys
from myhdl_acc.rtl.config import AcceleratorConfig

MOST_POINTS = 100_000
#: What a point's workload may be.
WINDOWS, CONTEXTS, CLOCKS = (2, 1 << 16), (3, 1 << 20), (1, 1000)
_KEYS = {
    "models": "a list of models, as `perf --model` takes them",
    "configs": "a list of presets, or of mappings with `base` and lists of values",
    "windows": "a list of numbers of tokens",
    "weights": f"a list of {', '.join(PHASES)}, or mixes of them as `perf --weights` takes them",
    "context": "a number of tokens",
    "clock": "a number of MHz",
    "method": f"one of {', '.join(METHODS)}",
    "synth": "true or false",
}


@dataclasses.dataclass(frozen=True)
class Spec:
    """``points`` (list of Point, none twice); ``synth``: whether their configurations are synthesised, too."""

    points: list
    synth: bool


def load(path):
    """The Spec in the YAML file ``path``. Raises InputError that names the key that is wrong."""
    return yaml_file.load(path, parse)


def parse(values):
    """The Spec of the mapping ``values``."""
    keys = Keys(values, _KEYS)
    models, configs = (keys.list(key) for key in ("models", "configs"))
    windows = keys.list("windows", [None])
    for window in windows:
        if window is not None:
            keys.checked("windows", window, *WINDOWS)
    weights = keys.list("weights", ["w2"])
    context = keys.integer("context", 4096, *CONTEXTS)
    clock = keys.integer("clock", 225, *CLOCKS)
    method = keys.chosen("method", METHODS, METHODS[0])
    synth = keys.truth("synth", True)
    configs = [config for entry in configs for config in _configs(keys, entry)]
    _limit(len(models) * len(configs) * len(windows))
    points = {}
    for model in models:
        for kind in _weights(keys, model, weights):
            for config, window in itertools.product(configs, windows):
                point = Point(model, kind, config, window, context, clock, method)
                points[point] = None
    return Spec(list(points), synth)


def _limit(count):
    if count > MOST_POINTS:
        raise InputError(f"there may be {MOST_POINTS:,} points at most")


def _weights(keys, model, weights):
    """The formats in which ``model`` is measured; raises InputError unless there is such a model."""
    if not isinstance(model, str):
        raise keys.wrong("models", model)
    own = embedded.is_compressed(model)
    for kind in [None] if own else weights:
        if not own and (not isinstance(kind, str) or kind.split(",")[0] not in PHASES):
            raise keys.wrong("weights", kind)
        shape(model, kind)
    return [None] if own else weights


def _configs(keys, entry):
    if isinstance(entry, str):
        return [AcceleratorConfig.preset(entry)]
    if not isinstance(entry, dict):
        raise keys.wrong("configs", entry)
    base = yaml_file.preset("configs", entry.get("base"))
    fields = yaml_file.field_values("configs", {name: value for name, value in entry.items() if name != "base"})
    _limit(math.prod(map(len, fields.values())))
    return [
        dataclasses.replace(base, **dict(zip(fields, options, strict=True)))
        for options in itertools.product(*fields.values())
    ]
