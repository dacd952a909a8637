"""Reading the YAML files of sweeps and searches: every error names the file and the key that is wrong."""

import yaml

from golden.errors import InputError, shown
from myhdl_acc.report.sweep.columns import CONFIG
from myhdl_acc.rtl.config import PRESETS, AcceleratorConfig


def load(path, parse):
    """What ``parse(values)`` makes of the YAML file ``path``. Raises InputError for what is not YAML, and as parse."""
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


class Keys:
    """The values of a mapping; ``wanted`` ({key: text}) says what each must be."""

    def __init__(self, values, wanted):
        if not isinstance(values, dict):
            raise InputError(f"a mapping is wanted, with the keys {', '.join(wanted)}")
        for key in values:
            if key not in wanted:
                raise InputError(f"there is no key {shown(key)}; there are {', '.join(wanted)}")
        self._values, self._wanted = values, wanted

    def get(self, key, default=None):
        return self._values.get(key, default)

    def wrong(self, key, value):
        """The InputError for a ``value`` that ``key`` cannot have."""
        return InputError(f"{key}: {shown(value)} is not {self._wanted[key]}")

    def list(self, key, default=None):
        found = self.get(key, default)
        if not isinstance(found, list) or not found:
            raise self.wrong(key, found)
        return found

    def chosen(self, key, options, default):
        """One of ``options``, which are texts."""
        found = self.get(key, default)
        if not isinstance(found, str) or found not in options:
            raise self.wrong(key, found)
        return found

    def truth(self, key, default):
        found = self.get(key, default)
        if not isinstance(found, bool):
            raise self.wrong(key, found)
        return found

    def integer(self, key, default, least, most):
        return self.checked(key, self.get(key, default), least, most)

    def checked(self, key, value, least, most):
        """``value`` if it is an integer in that range."""
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            wanted = self._wanted[key].removeprefix("a list of ")
            raise InputError(f"{key}: {shown(value)} is not {wanted} from {least} to {most}")
        return value


def preset(key, name):
    """The preset that ``base`` below ``key`` names."""
    if not isinstance(name, str) or name not in PRESETS:
        raise InputError(f"{key}: `base` is {shown(name)}, it must be one of {', '.join(PRESETS)}")
    return AcceleratorConfig.preset(name)


def field_values(key, mapping):
    """``{field: [value]}`` of a mapping from fields of a configuration to a value, or to a list of them."""
    fields = {name: value if isinstance(value, list) else [value] for name, value in mapping.items()}
    for name, options in fields.items():
        if name not in CONFIG:
            raise InputError(f"{key}: there is no field {shown(name)}; there are base, {', '.join(CONFIG)}")
        if not options:
            raise InputError(f"{key}: {name} is an empty list")
    return fields
