"""The activation buffer and the load unit, which sends its words to the engine."""

from collections import deque

import numpy as np

from golden.layout import WORD
from golden.machine.fault import MachineFault
from golden.machine.parameters import parameter_words
from golden.units.load_unit import NEW_KEY, SLICE, load_unit
from golden.units.patch import PATCH_KEY, PATCH_VALUE, new_tokens


class ActivationBuffer:
    """``words`` words of 32 int8 for every row."""

    def __init__(self, rows, words):
        self.values = np.zeros((rows, words * WORD), np.int8)
        self._known = np.zeros(words * WORD, bool)

    def forget(self):
        """Let reading fail where nothing is written from now on."""
        self._known[:] = False

    def write(self, word, values):
        """``values`` (rows, N) from ``word`` on."""
        part = self._part("write", word, values.shape[1])
        self.values[:, part] = values
        self._known[part] = True

    def read(self, word, words):
        """int8 (rows, words · 32)."""
        part = self._part("read", word, words * WORD)
        if not self._known[part].all():
            raise MachineFault(f"activation words {word} … {word + words - 1} are read but not all written")
        return self.values[:, part].copy()

    def _part(self, what, word, values):
        if word * WORD + values > self.values.shape[1]:
            raise MachineFault(f"activation words: {what} of {values} values at {word} leaves the buffer")
        return slice(word * WORD, word * WORD + values)


class Slices:
    """Stationary slices on their way into the lanes: int8 (lanes or 1, rows, atoms, 32) each, in order.

    ``local`` ones come from the vector unit (the weights of cached values), the others through the lanes' chain. Each
    kind has its order; a lane takes the kind that its command wants.
    """

    def __init__(self):
        self._queues = {False: deque(), True: deque()}

    def __len__(self):
        return sum(len(queue) for queue in self._queues.values())

    def put(self, slices, local=False):
        self._queues[local] += list(slices)

    def take(self, count, local=False):
        """The next ``count`` slices of a kind, stacked."""
        queue = self._queues[local]
        if len(queue) < count:
            raise MachineFault(f"the engine wants {count} slices, {len(queue)} are there")
        return np.stack([queue.popleft() for _ in range(count)])


class NewTokens:
    """A patch buffer of the lanes: int4 (lanes, rows, 16·atoms) and parameters uint32 (lanes, rows), or None."""

    def __init__(self, name):
        self._name = name
        self.content = None

    def fill(self, tokens, parameters):
        if self.content is not None:
            raise MachineFault(f"load.{self._name}: the patch buffer was not released")
        self.content = tokens, parameters

    def get(self):
        if self.content is None:
            raise MachineFault(f"an operation patches a {self._name} that was not loaded")
        return self.content

    def release(self):
        self.content = None


class LoadUnit:
    """``buffer`` ActivationBuffer, ``table`` the vector unit's, ``slices`` Slices; ``patches``: NewTokens by code."""

    def __init__(self, lanes, atoms, buffer, table, slices, patches):
        self._lanes = lanes
        self._atoms = atoms
        self._buffer = buffer
        self._table = table
        self._slices = slices
        self._patches = patches

    def execute(self, instruction):
        """Returns what was sent."""
        i = instruction
        if i.op != "slice" and (i["dims"] % WORD or i["dims"] > 16 * self._atoms):
            raise MachineFault(f"load.{i.op}: {i['dims']} dimensions")
        kind, words = load_unit(i.op, i, self._words, self._parameter, self._lanes, self._atoms)
        if kind == SLICE:
            # (lanes or 1, slices, atoms, rows, 32) → (slices, lanes or 1, rows, atoms, 32)
            parts = words.reshape(len(words), -1, self._atoms, *words.shape[2:]).transpose(1, 0, 3, 2, 4)
            self._slices.put(parts)
            return {"slices": parts}
        tokens, parameters = new_tokens(words)
        self._patches[PATCH_KEY if kind == NEW_KEY else PATCH_VALUE].fill(tokens, parameters)
        return {"tokens": tokens, "parameters": parameters}

    def _words(self, first, count):
        """int8 (count, rows, 32)."""
        values = self._buffer.read(first, count)
        return values.reshape(len(values), count, WORD).swapaxes(0, 1)

    def _parameter(self, entry):
        return parameter_words(self._table[entry]["step"], self._table[entry]["zero"])
