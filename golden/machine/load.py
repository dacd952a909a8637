"""The activation buffer and the load unit, which sends its words to the engine."""

from collections import deque

import numpy as np

from golden.machine.fault import MachineFault
from golden.machine.parameters import parameter_words

WORD = 32  #: int8 values in a word of the activation buffer
DIMS_PER_ATOM = 16


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
    """A patch buffer of the lanes: ``vectors`` int8 (lanes, rows, D) and ``words`` uint32 (lanes, rows), or None."""

    def __init__(self, name):
        self._name = name
        self.content = None

    def fill(self, vectors, words):
        if self.content is not None:
            raise MachineFault(f"load.{self._name}: the patch buffer was not released")
        self.content = vectors, words

    def get(self):
        if self.content is None:
            raise MachineFault(f"an operation patches a {self._name} that was not loaded")
        return self.content

    def release(self):
        self.content = None


class LoadUnit:
    """``buffer`` ActivationBuffer, ``table`` the vector unit's, ``slices`` Slices, ``patches`` {1, 2: NewTokens}."""

    def __init__(self, lanes, atoms, buffer, table, slices, patches):
        self._lanes = lanes
        self._atoms = atoms
        self._buffer = buffer
        self._table = table
        self._slices = slices
        self._patches = patches

    def execute(self, instruction):
        """Returns what was sent."""
        return getattr(self, "_" + instruction.op)(instruction)

    def _slice(self, i):
        words, valid = i["words"], i["valid"]
        values = np.zeros((self._buffer.values.shape[0], words * WORD), np.int8)
        used = min(words, valid)
        values[:, : used * WORD] = self._buffer.read(i["address"], used)
        parts = values.reshape(len(values), -1, self._atoms, WORD).swapaxes(0, 1)[:, None]
        self._slices.put(parts)
        return {"slices": parts}

    def _query(self, i):
        vectors = self._head_vectors(i)  # (lanes, rows, dims)
        atoms, dims = self._atoms, i["dims"]
        padded = np.zeros((*vectors.shape[:2], DIMS_PER_ATOM * atoms), np.int8)
        padded[..., :dims] = vectors
        half = DIMS_PER_ATOM * atoms // 2
        if dims <= half:  # two tokens share a beat
            padded[..., half:] = padded[..., :half]
        spread = np.zeros((*vectors.shape[:2], atoms, 8, 2, 2), np.int8)
        spread[..., 0, :] = padded.reshape(*vectors.shape[:2], atoms, 8, 2)
        part = spread.reshape(*vectors.shape[:2], atoms, WORD)
        self._slices.put([part])
        return {"slices": part}

    def _key(self, i):
        return self._patch(i, 1)

    def _value(self, i):
        return self._patch(i, 2)

    def _patch(self, i, number):
        vectors = self._head_vectors(i)
        entries = [self._table[i["entry"] + head] for head in self._heads(i)]
        words = np.stack([parameter_words(entry["step"], entry["zero"]) for entry in entries])
        self._patches[number].fill(vectors, words)
        return {"vectors": vectors, "words": words}

    def _heads(self, i):
        """The head of every lane."""
        return np.minimum(np.arange(self._lanes) % (1 << i["heads_log2"]), i["heads"] - 1)

    def _head_vectors(self, i):
        dims = i["dims"]
        if dims % WORD or dims > DIMS_PER_ATOM * self._atoms:
            raise MachineFault(f"load.{i.op}: {dims} dimensions")
        heads = [self._buffer.read(i["address"] + head * i["stride"], dims // WORD) for head in range(i["heads"])]
        return np.stack(heads)[self._heads(i)]
