"""The engine as instructions see it: beats and slices in, sums and parameters out."""

from collections import deque

import numpy as np

from golden.formats import nibbles
from golden.formats.matrix import KEPT, PHASES, PackedMatrix
from golden.machine.fault import MachineFault
from golden.machine.geometry import HeadLanes
from golden.units.sequencer import SCALE_PERIOD

KEY, VALUE = 1, 2  # codes of ``patch``


class Results:
    """Finished operations: ``(sums int64 (rows, lanes, count), parameters uint32 (lanes, count))`` each, in order."""

    def __init__(self):
        self._queue = deque()

    def __len__(self):
        return len(self._queue)

    def put(self, sums, parameters):
        self._queue.append((sums, parameters))

    def take(self, count):
        """The next operation's; it must have ``count`` results."""
        if not self._queue:
            raise MachineFault("the vector unit waits for results of an operation that was not given")
        sums, parameters = self._queue.popleft()
        if parameters.shape[1] != count:
            raise MachineFault(f"the vector unit wants {count} results, the operation gives {parameters.shape[1]}")
        return sums, parameters


class Engine:
    """``streams`` BeatStreams, ``slices`` Slices, ``patches`` {1, 2: NewTokens}, ``results`` Results."""

    def __init__(self, memory, rows, atoms, streams, slices, patches, results):
        self._keep = memory.data.nbytes <= KEPT
        self._memory = memory
        self._rows = rows
        self._atoms = atoms
        self._streams = streams
        self._slices = slices
        self._patches = patches
        self._results = results
        self._matrices = {}  # (address, command) → (beats, PackedMatrix): decoding is slow, and weights rarely change

    def execute(self, instruction):
        """Returns the sums and parameters."""
        i, op = instruction, instruction.op
        if i["middle"] == 0 or i["inner"] + 1 != PHASES.get(op, 1):
            raise MachineFault(f"engine.{op}: loop counts")
        beats = {
            "w2": i["outer"] * i["middle"],
            "w4": i["outer"] * i["middle"] * 2,
            "w8": i["outer"] * i["middle"] * 4,
            "qk": i["outer"] * i["middle"],
            "pv": i["outer"] * i["middle"],
            "meta": 0,
        }[op]
        if op == "w4":
            beats += -(-beats // SCALE_PERIOD)
        address, data = self._streams.take(i["params"] + beats)
        if i["patch"]:
            self._patch(i, address, data)
        count = i["middle"] * (1 + i["split"])
        words = np.ascontiguousarray(data[:, : i["params"]]).view("<u4").reshape(len(data), -1)
        if i["params"] and words.shape[1] < count:
            raise MachineFault(f"engine.{op}: {i['params']} parameter beats for {count} results")
        parameters = words[:, :count] if i["params"] else np.zeros((len(data), count), np.uint32)
        data = data[:, i["params"] :]
        if op == "meta":
            sums = np.zeros((self._rows, len(data), count), np.int64)
        elif op in PHASES:
            sums = self._product(i, address, data)
        else:
            sums = (self._scores if op == "qk" else self._mix)(i, data)
        self._results.put(sums, parameters)
        return {"sums": sums, "parameters": parameters}

    def _product(self, i, address, data):
        lanes, middle, atoms, kind = len(data), i["middle"], self._atoms, i.op
        key = (address, kind, i["outer"], middle, i["params"])
        beats, matrix = self._matrices.get(key, (None, None))
        if beats is None or not np.array_equal(beats, data):
            matrix = _matrix(kind, data, i["outer"], middle, atoms, self._keep)
            if self._keep:
                self._matrices[key] = data, matrix
        slices = self._slices.take(i["outer"])[:, 0]  # all lanes the same: (slices, rows, atoms, 32)
        x = slices.swapaxes(0, 1).reshape(self._rows, -1)
        return matrix.dot(np.ascontiguousarray(x)).reshape(self._rows, middle, lanes).swapaxes(1, 2)

    def _scores(self, i, data):
        if i["outer"] != 1:
            raise MachineFault("engine.qk: a key is wider than a beat")
        query = self._spread(self._slices.take(1)[0], 0)  # (lanes, rows, atoms, 16)
        keys = _nibbles(data, self._atoms)  # (lanes, middle, atoms, 16)
        taps = 1 + i["split"]
        query = query.reshape(*query.shape[:2], taps, -1)
        keys = keys.reshape(*keys.shape[:2], taps, -1)
        sums = np.einsum("lrtd,lmtd->rlmt", query, keys, optimize=True)
        return sums.reshape(self._rows, len(data), -1).astype(np.int64)

    def _mix(self, i, data):
        outer, middle = i["outer"], i["middle"]
        slices = self._slices.take(-(-outer // 2), local=True)  # (slices, lanes, rows, atoms, 32)
        values = _nibbles(data, self._atoms).reshape(len(data), outer, middle, -1)
        sums = np.zeros((self._rows, len(data), middle), np.int64)
        for block in range(outer):
            weights = self._spread(slices[block // 2], block % 2).reshape(len(data), self._rows, -1)
            product = weights @ values[:, block].swapaxes(1, 2)  # (lanes, rows, middle)
            sums += product.swapaxes(0, 1).astype(np.int64)
        return sums

    def _spread(self, slices, phase):
        """The activations that the slots meet in ``phase``, as float32, which holds every sum exactly."""
        groups = slices.reshape(*slices.shape[:-1], 8, 2, 2)[..., phase, :]
        return groups.reshape(*slices.shape[:-1], 16).astype(np.float32)

    def _patch(self, i, address, data):
        """Put the new tokens into ``data`` and send the changed beats to memory."""
        if address != i["base"]:
            raise MachineFault(f"engine.{i.op}: base is {i['base']}, its first beat is {address}")
        lanes, block = len(data), 16 * self._atoms
        heads = HeadLanes(lanes, i["heads_log2"], block)
        vectors, words = self._patches[i["patch"]].get()
        per_beat = 2 * self._atoms
        patched = set()
        for row in range(i["tokens"]):
            rank, t = heads.place(i["slot"] + row)
            beats = []
            for lane in range(rank << i["heads_log2"], rank + 1 << i["heads_log2"]):
                if i.op in ("meta", "qk"):
                    data[lane].reshape(-1).view("<u4")[t] = words[lane, row]
                    beats = [t // per_beat]
                if i.op == "qk":
                    beats.append(i["params"] + (t // 2 if i["split"] else t))
                    place = slice(4 * self._atoms * (t % 2), None) if i["split"] else slice(0, None)
                    packed = _pack(vectors[lane, row], 4 * self._atoms * (2 - i["split"]))
                    data[lane, beats[-1], place][: len(packed)] = packed
                if i.op == "pv":
                    start = t // block * i["middle"]
                    beats = list(range(start, start + i["middle"]))
                    byte, high = divmod(t % block, 2)
                    old = data[lane, beats, byte]
                    new = vectors[lane, row].view(np.uint8) & 15
                    data[lane, beats, byte] = old & 15 | new << 4 if high else old & 240 | new
                patched |= {(lane, beat) for beat in beats}
        if i["release"]:
            self._patches[i["patch"]].release()
        lane, beat = (np.array(part) for part in zip(*sorted(patched), strict=True))
        if beat.max() >= data.shape[1]:
            raise MachineFault(f"engine.{i.op}: the new token lies behind the operation")
        self._memory.write(lane, address + beat, data[lane, beat])


def _nibbles(data, atoms):
    words = np.ascontiguousarray(data).view("<u8").reshape(*data.shape[:2], atoms)
    return nibbles.split(words).astype(np.float32)


def _pack(vector, size):
    """int4 values as ``size`` bytes."""
    padded = np.zeros(2 * size, np.uint8)
    padded[: len(vector)] = vector.view(np.uint8) & 15
    return padded[0::2] | padded[1::2] << 4


def _matrix(kind, data, outer, middle, atoms, keep):
    """The lanes' channels as a PackedMatrix; channel ``lane + lanes · index``."""
    lanes, phases = len(data), PHASES[kind]
    scales = None
    if kind == "w4":
        number = np.arange(data.shape[1]) % (1 + SCALE_PERIOD)
        weights = outer * middle
        scale_bytes = data[:, number == 0].reshape(lanes, -1)[:, : weights * atoms]
        scales = scale_bytes.reshape(lanes, outer, middle, atoms).transpose(2, 0, 1, 3).reshape(middle * lanes, -1)
        scales = np.ascontiguousarray(scales)
        data = data[:, number != 0]
    words = np.ascontiguousarray(data).view("<u8").reshape(lanes, outer, middle, phases, atoms)
    words = words.transpose(2, 0, 1, 4, 3).reshape(middle * lanes, outer * atoms, phases)
    return PackedMatrix(kind, middle * lanes, outer * atoms * 32, np.ascontiguousarray(words), scales, keep)
