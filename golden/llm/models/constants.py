"""What a model's file says of itself besides its weights: every key is used, known to be harmless, or refused."""

import math

from golden.errors import InputError, shown

_REQUIRED = object()


class Constants:
    """``values`` {key: value} of the model in ``path``, under the names that `transformers` gives them.

    ``labels`` {key: how the file spells it} and ``prefix``, of a nested dictionary's keys, are for messages. A value
    None counts as absent. Keys that nobody has taken are refused by refuse_unused().
    """

    def __init__(self, path, values, labels=None, prefix=""):
        self.path = path
        self._values = {key: value for key, value in values.items() if value is not None}
        self._labels, self._prefix = labels or {}, prefix
        self._taken = set()

    def __contains__(self, key):
        return key in self._values

    def label(self, key):
        """How the file spells ``key``."""
        return self._labels.get(self._prefix + key, self._prefix + key)

    def take(self, key, kind, default=_REQUIRED):
        """The value of ``key``, of type ``kind`` (a whole number also where a float is asked for).

        Raises InputError if it is of another type, or is missing and there is no ``default``.
        """
        self._taken.add(key)
        value = self._values.get(key, default)
        if value is _REQUIRED:
            raise InputError(f"{self.path}: {self.label(key)} is missing")
        if value is default:
            return value
        if kind is float and type(value) is int:
            value = float(value)
        if type(value) is not kind:
            raise InputError(f"{self.path}: {self.label(key)} must be {_KINDS[kind]}, not {shown(value)}")
        return value

    def positive(self, key, default=_REQUIRED):
        """The whole number above 0 that ``key`` is."""
        value = self.take(key, int, default)
        if value is not default and value < 1:
            raise InputError(f"{self.path}: {self.label(key)} must be positive, not {value}")
        return value

    def nonzero(self, key, default=_REQUIRED):
        """The number that ``key`` is, which is finite and not 0."""
        value = self.take(key, float, default)
        if value == 0 or not math.isfinite(value):
            raise InputError(f"{self.path}: {self.label(key)} must be a number other than 0, not {value}")
        return value

    def expect(self, key, *allowed):
        """Refuse ``key`` unless it is absent or one of ``allowed``, which change nothing."""
        self._taken.add(key)
        if key in self._values and self._values[key] not in allowed:
            raise self.refusal(key)

    def within(self, key):
        """The Constants of the dictionary that ``key`` is; empty if it is absent."""
        values = self.take(key, dict, {})
        return Constants(self.path, values, self._labels, f"{self._prefix}{key}.")

    def refusal(self, key):
        """The InputError that says that the value of ``key`` is not understood."""
        value = shown(self._values[key])
        return InputError(f"{self.path}: {self.label(key)} = {value} is not understood, and might change the result")

    def refuse_unused(self, harmless=()):
        """Raise InputError for the first key that was not taken and is not ``harmless``."""
        for key in sorted(self._values):
            if key not in self._taken and key not in harmless:
                raise self.refusal(key)


_KINDS = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "text",
    list: "a list",
    dict: "an object",
}
