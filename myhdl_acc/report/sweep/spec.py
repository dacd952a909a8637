"""The YAML file that says which points there are."""

import dataclasses
import itertools
import math

import yaml

from golden.errors import InputError, shown
from golden.formats.matrix import PHASES
from golden.llm.models import embedded
from myhdl_acc.report.perf.shapes import shape
from myhdl_acc.report.sweep.point import METHODS, Point
from myhdl_acc.rtl.config import PRESETS, AcceleratorConfig

MOST_POINTS = 100_000
_FIELDS = tuple(field.name for field in dataclasses.fields(AcceleratorConfig))
_KEYS = {
    "models": "a list of models, as `perf --model` takes them",
    "configs": "a list of presets, or of mappings with `base` and lists of values",
    "windows": "a list of numbers of tokens",
    "weights": f"a list of {', '.join(PHASES)}",
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
    try:
        with open(path, encoding="utf-8") as file:
            values = yaml.safe_load(file)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        place = getattr(error, "problem_mark", None)
        raise InputError(f"{path}: not YAML" + (f", at line {place.line + 1}" if place else "")) from None
    try:
        return parse(values)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def parse(values):
    """The Spec of the mapping ``values``."""
    if not isinstance(values, dict):
        raise InputError(f"a mapping is wanted, with the keys {', '.join(_KEYS)}")
    for key in values:
        if key not in _KEYS:
            raise InputError(f"there is no key {shown(key)}; there are {', '.join(_KEYS)}")
    models, configs = (_list(values, key) for key in ("models", "configs"))
    windows = _list(values, "windows", [None])
    for window in windows:
        if window is not None:
            _integer("windows", window, 2, 1 << 16)
    weights = _list(values, "weights", ["w2"])
    context = _integer("context", values.get("context", 4096), 3, 1 << 20)
    clock = _integer("clock", values.get("clock", 225), 1, 1000)
    method = values.get("method", METHODS[0])
    if method not in METHODS:
        raise _wrong("method", method)
    synth = values.get("synth", True)
    if not isinstance(synth, bool):
        raise _wrong("synth", synth)
    configs = [config for entry in configs for config in _configs(entry)]
    _limit(len(models) * len(configs) * len(windows))
    points = {}
    for model in models:
        for kind in _weights(model, weights):
            for config, window in itertools.product(configs, windows):
                point = Point(model, kind, config, window, context, clock, method)
                points[point] = None
    return Spec(list(points), synth)


def _limit(count):
    if count > MOST_POINTS:
        raise InputError(f"there may be {MOST_POINTS:,} points at most")


def _weights(model, weights):
    """The formats in which ``model`` is measured; raises InputError unless there is such a model."""
    if not isinstance(model, str):
        raise _wrong("models", model)
    own = embedded.is_compressed(model)
    for kind in [None] if own else weights:
        if not own and (not isinstance(kind, str) or kind not in PHASES):
            raise _wrong("weights", kind)
        shape(model, kind)
    return [None] if own else weights


def _configs(entry):
    if isinstance(entry, str):
        return [AcceleratorConfig.preset(entry)]
    if not isinstance(entry, dict):
        raise _wrong("configs", entry)
    base = entry.get("base")
    if not isinstance(base, str) or base not in PRESETS:
        raise InputError(f"configs: `base` is {shown(base)}, it must be one of {', '.join(PRESETS)}")
    fields = {name: value if isinstance(value, list) else [value] for name, value in entry.items() if name != "base"}
    for name, options in fields.items():
        if name not in _FIELDS:
            raise InputError(f"configs: there is no field {shown(name)}; there are base, {', '.join(_FIELDS)}")
        if not options:
            raise InputError(f"configs: {name} is an empty list")
    _limit(math.prod(map(len, fields.values())))
    return [
        dataclasses.replace(AcceleratorConfig.preset(base), **dict(zip(fields, options, strict=True)))
        for options in itertools.product(*fields.values())
    ]


def _list(values, key, default=None):
    found = values.get(key, default)
    if not isinstance(found, list) or not found:
        raise _wrong(key, found)
    return found


def _integer(key, value, least, most):
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise InputError(f"{key}: {shown(value)} is not {_KEYS[key].removeprefix('a list of ')} from {least} to {most}")
    return value


def _wrong(key, value):
    return InputError(f"{key}: {shown(value)} is not {_KEYS[key]}")
