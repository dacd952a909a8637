"""The engine as instructions see it: beats and slices in, sums and parameters out."""

from collections import deque

import numpy as np

from golden.formats import nibbles
from golden.formats.matrix import KEPT, PHASES, PackedMatrix
from golden.layout import HeadLanes, met
from golden.machine.fault import MachineFault
from golden.units.patch import patch
from golden.units.sequencer import operation_beats, scale_beats, slices


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
    """``slices`` Slices, ``patches``: NewTokens by code, ``results`` Results."""

    def __init__(self, memory, rows, atoms, slices, patches, results):
        self._keep = memory.data.nbytes <= KEPT
        self._memory = memory
        self._rows = rows
        self._atoms = atoms
        self._slices = slices
        self._patches = patches
        self._results = results
        self._sums = None  # of an operation with more to come
        self._matrices = {}  # (address, command) → (beats, PackedMatrix): decoding is slow, and weights rarely change

    def execute(self, instruction):
        """Returns the sums and parameters."""
        i, op = instruction, instruction.op
        if i["middle"] == 0 or i["inner"] + 1 != PHASES.get(op, 1):
            raise MachineFault(f"engine.{op}: loop counts")
        beats = operation_beats(op, i["outer"], i["middle"], i["inner"] + 1, i["params"])
        if beats != i["beats"]:
            raise MachineFault(f"engine.{op}: takes {beats} beats, {i['beats']} are read")
        address, data = i["base"], self._read(i["base"], i["params"], i["skip"], beats)
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
        if self._sums is not None:
            if op != "pv" or self._sums.shape != sums.shape:
                raise MachineFault(f"engine.{op}: it is not what the operation before goes on with")
            sums, self._sums = sums + self._sums, None
        if i["more"]:
            self._sums = sums
            return {"sums": sums}
        self._results.put(sums, parameters)
        return {"sums": sums, "parameters": parameters}

    def _read(self, base, params, skip, beats):
        """``beats`` beats from ``base`` on, but ``skip`` behind the parameters."""
        if not skip:
            return self._memory.read(base, beats)
        rest = self._memory.read(base + params + skip, beats - params)
        return np.concatenate([self._memory.read(base, params), rest], axis=1)

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
        taps = 1 + i["split"]
        query = _float(met(self._slices.take(1)[0], 0))  # (lanes, rows, 16 · atoms)
        query = query.reshape(*query.shape[:2], taps, -1)
        keys = _float(_nibbles(data, self._atoms)).reshape(len(data), i["middle"], taps, -1)
        sums = np.einsum("lrtd,lmtd->rlmt", query, keys, optimize=True)
        return sums.reshape(self._rows, len(data), -1).astype(np.int64)

    def _mix(self, i, data):
        outer, middle = i["outer"], i["middle"]
        parts = self._slices.take(slices("pv", outer), local=True)  # (slices, lanes, rows, atoms, 32)
        values = _float(_nibbles(data, self._atoms)).reshape(len(data), outer, middle, -1)
        sums = np.zeros((self._rows, len(data), middle), np.int64)
        for block in range(outer):
            weights = _float(met(parts[block // 2], block % 2))  # (lanes, rows, 16 · atoms)
            product = weights @ values[:, block].swapaxes(1, 2)  # (lanes, rows, middle)
            sums += product.swapaxes(0, 1).astype(np.int64)
        return sums

    def _patch(self, i, address, data):
        """Put the new tokens into ``data`` and send the changed beats to memory."""
        block, mode = 16 * self._atoms, (i.op, i["patch"], i["params"], i["middle"], i["split"])
        heads = HeadLanes(len(data), i["heads_log2"], block)
        tokens, parameters = (new[:, : i["tokens"]] for new in self._patches[i["patch"]].get())
        most = {"qk": i["middle"] * (1 + i["split"]), "pv": i["outer"] * block, "meta": i["params"] * 2 * self._atoms}
        for lane, beats in enumerate(data):
            places = [heads.position(i["slot"] + row, lane) for row in range(i["tokens"])]
            here = [place for place in places if place is not None]
            if not here:
                continue
            if max(here) >= most[i.op]:
                raise MachineFault(f"engine.{i.op}: the new token lies behind the operation")
            beats[:], numbers = patch(beats, *mode, places, tokens[lane], parameters[lane])
            written = np.array(numbers)
            places = address + written + i["skip"] * (written >= i["params"])
            self._memory.write(np.full(len(written), lane), places, beats[written])
        if i["release"]:
            self._patches[i["patch"]].release()


def _nibbles(data, atoms):
    words = np.ascontiguousarray(data).view("<u8").reshape(*data.shape[:2], atoms)
    return nibbles.split(words)


def _float(integers):
    """As float32, which holds every sum exactly."""
    return integers.astype(np.float32)


def _matrix(kind, data, outer, middle, atoms, keep):
    """The lanes' channels as a PackedMatrix; channel ``lane + lanes · index``."""
    lanes, phases = len(data), PHASES[kind]
    scales = None
    if kind == "w4":
        is_scale = scale_beats(outer * middle * phases)
        scale_bytes = data[:, is_scale].reshape(lanes, -1)[:, : outer * middle * atoms]
        scales = scale_bytes.reshape(lanes, outer, middle, atoms).transpose(2, 0, 1, 3).reshape(middle * lanes, -1)
        scales = np.ascontiguousarray(scales)
        data = data[:, ~is_scale]
    words = np.ascontiguousarray(data).view("<u8").reshape(lanes, outer, middle, phases, atoms)
    words = words.transpose(2, 0, 1, 4, 3).reshape(middle * lanes, outer * atoms, phases)
    return PackedMatrix(kind, middle * lanes, outer * atoms * 32, np.ascontiguousarray(words), scales, keep)
