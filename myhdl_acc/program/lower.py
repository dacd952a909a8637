"""Operations as engine passes: commands, stationary words, beats, and how to read the results."""

from dataclasses import dataclass

import numpy as np

from golden.formats.matrix import BLOCK, PHASES, PackedMatrix
from golden.operation import Operation
from golden.units.load_unit import SLICE
from golden.units.patch import NO_PATCH
from myhdl_acc.program.interleave import (
    interleave_keys,
    interleave_matrix,
    interleave_values,
    key_shape,
    slice_words,
    token_lanes,
)
from myhdl_acc.rtl.engine.command import MODES

#: What commands of single operations leave out: parameters and new tokens.
_PLAIN = {
    "params": 0, "patch": NO_PATCH, "release": 0, "more": 0, "heads_log2": 0, "slot": 0, "tokens": 0, "base": 0,
    "skip": 0,
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Pass:
    """One command of the engine with everything that goes with it.

    ``command``: fields of command_stream. ``loads``: uint8 (words, rows·32); ``load_lanes``: the lane of each word, or
    None for a broadcast. ``beats``: uint8 (lanes, beats, beat_bits/8). ``columns``: (lanes, or 1 if the lanes' results
    add up; indices; taps) → column of the operation's result, −1 for padding. ``rows``: the operation's rows.
    """

    operation: int
    command: dict
    loads: np.ndarray
    load_lanes: np.ndarray | None
    beats: np.ndarray
    columns: np.ndarray
    rows: slice

    @property
    def result_words(self):
        """Words of result_stream that the pass yields."""
        _, indices, taps = self.columns.shape
        return indices * taps


class Lowering:
    """Turns operations into passes for one configuration; keeps the beats of matrices it has seen.

    What exceeds the hardware is cut: more rows than ``rows``, more outputs than ``lanes · acc_depth``, more terms than
    ``max_k`` become several passes; results of passes with different terms add up.
    """

    def __init__(self, config):
        self.config = config
        # By (id of matrix, first channel or term) → (matrix, …); the matrix is kept so that its id stays its own.
        self._interleaved = {}
        self._cut = {}

    def passes(self, operations):
        """All passes of ``operations``, in order."""
        found = []
        for number, whole in enumerate(operations):
            for operation in self._by_terms(whole):
                lower = {"qk": self._keys, "pv": self._values}.get(operation.kind, self._matrix)
                for first in range(0, len(operation.x), self.config.rows):
                    rows = slice(first, min(first + self.config.rows, len(operation.x)))
                    x = np.zeros((self.config.rows, operation.terms), np.int8)
                    x[: rows.stop - rows.start] = operation.x[rows]
                    found += lower(number, operation, x, rows)
        return found

    def _by_terms(self, operation):
        """``operation`` as operations of at most ``max_k`` terms whose results add up to its own."""
        step = self.config.max_k // BLOCK * BLOCK
        if operation.terms <= step:
            return [operation]
        parts = []
        for first in range(0, operation.terms, step):
            terms = slice(first, min(first + step, operation.terms))
            weights = operation.weights
            if operation.kind in PHASES:
                weights = self._matrix_part(weights, terms)
            else:
                weights = weights[:, terms] if operation.kind == "qk" else weights[terms]
            parts.append(Operation(operation.kind, weights, operation.x[:, terms]))
        return parts

    def _matrix_part(self, matrix, terms):
        key = (id(matrix), terms.start)
        if key not in self._cut:
            blocks = slice(terms.start // BLOCK, -(-terms.stop // BLOCK))
            scales = None if matrix.scales is None else matrix.scales[:, blocks]
            part = PackedMatrix(matrix.kind, matrix.rows, terms.stop - terms.start, matrix.atoms[:, blocks], scales)
            self._cut[key] = (matrix, part)
        return self._cut[key][1]

    def _command(self, kind, outer, middle, inner, split=False):
        return _PLAIN | {
            "mode": MODES[kind], "outer": outer, "middle": middle, "inner": inner - 1, "split": int(split),
        }  # fmt: skip

    def _matrix(self, number, operation, x, rows):
        config, matrix = self.config, operation.weights
        loads = slice_words(x, 0, config)
        step = config.lanes * config.acc_depth
        for first in range(0, matrix.rows, step):
            channels = range(first, min(first + step, matrix.rows))
            key = (id(matrix), first)
            if key not in self._interleaved:
                self._interleaved[key] = (matrix, interleave_matrix(matrix, channels, config))
            per_lane = -(-len(channels) // config.lanes)
            column = np.arange(per_lane * config.lanes).reshape(per_lane, config.lanes).T + first
            columns = np.where(column < channels.stop, column, -1)[:, :, None]
            command = self._command(matrix.kind, loads.shape[0], per_lane, PHASES[matrix.kind])
            words = loads.reshape(-1, loads.shape[-1])
            yield Pass(number, command, words, None, self._interleaved[key][1], columns, rows)

    def _keys(self, number, operation, x, rows):
        config, keys = self.config, operation.weights
        split, slices, phases = key_shape(keys.shape[1], config)
        if split:
            half = np.zeros((config.rows, 8 * config.atoms), np.int8)
            half[:, : keys.shape[1]] = x
            x = np.concatenate([half, half], axis=1)
        loads = slice_words(x, phases, config)
        beats = interleave_keys(keys, config)
        lane, position = token_lanes(len(keys), config)
        indices = beats.shape[2]
        columns = np.full((config.lanes, indices * (1 + split)), -1)
        columns[lane, position] = np.arange(len(keys))
        columns = columns.reshape(config.lanes, indices, 1 + split)
        for first in range(0, indices, config.acc_depth):
            part = slice(first, min(first + config.acc_depth, indices))
            command = self._command("qk", slices, part.stop - first, phases, split=split)
            words = loads.reshape(-1, loads.shape[-1])
            lane_beats = np.ascontiguousarray(beats[:, :, part]).reshape(config.lanes, -1, 8 * config.atoms)
            yield Pass(number, command, words, None, lane_beats, columns[:, part], rows)

    def _values(self, number, operation, x, rows):
        config, values = self.config, operation.weights
        beats = interleave_values(values, config)
        lane, position = token_lanes(len(values), config)
        blocks = beats.shape[1]
        shares = np.zeros((config.lanes, config.rows, blocks * 16 * config.atoms), np.int8)
        shares[lane, :, position] = x.T
        loads = slice_words(shares, 2, config)  # (lanes, slices, atoms, bytes)
        loads = loads.transpose(1, 0, 2, 3)
        load_lanes = np.broadcast_to(np.arange(config.lanes)[None, :, None], loads.shape[:3]).reshape(-1)
        words = np.ascontiguousarray(loads).reshape(-1, loads.shape[-1])
        dims = values.shape[1]
        for first in range(0, dims, config.acc_depth):
            part = slice(first, min(first + config.acc_depth, dims))
            command = self._command("pv", blocks, part.stop - first, 1)
            lane_beats = np.ascontiguousarray(beats[:, :, part]).reshape(config.lanes, -1, 8 * config.atoms)
            columns = np.arange(first, part.stop)[None, :, None]
            yield Pass(number, command, words, load_lanes, lane_beats, columns, rows)


def engine_inputs(passes, config):
    """The streams of ``passes`` for one run of the engine, and the number of result words."""
    commands = {name: np.array([p.command[name] for p in passes]) for name in passes[0].command}
    inputs = {"sink_cmd": commands}
    shared = [p.loads for p in passes if p.load_lanes is None]
    if shared:
        data = np.concatenate(shared)
        same = {"lane": 0, "again": 0, "broadcast": 1, "kind": SLICE}
        inputs["sink_load"] = {name: np.full(len(data), value) for name, value in same.items()} | {"data": data}
    own = [p for p in passes if p.load_lanes is not None]
    for lane in range(config.lanes):
        beats = [p.beats[lane] for p in passes]
        inputs[f"sink_beat_ch{lane:02d}"] = {"data": beats[0] if len(beats) == 1 else np.concatenate(beats)}
        if own:
            words = np.concatenate([p.loads[p.load_lanes == lane] for p in own])
            inputs[f"sink_weights_ch{lane:02d}"] = {"data": words}
    return inputs, sum(p.result_words for p in passes)


def read_results(data, passes, operations, config):
    """The operations' results, int64 (R, outputs) each, from the words of result_stream (uint8 (words, bytes))."""
    results = [np.zeros((len(op.x), op.outputs), np.int64) for op in operations]
    sums = _unpack(data, config.lanes * config.rows, config.acc_bits)
    first = 0
    for p in passes:
        count = p.result_words
        _, indices, taps = p.columns.shape
        values = sums[first : first + count]
        values = values.reshape(indices, taps, config.lanes, config.rows)
        if len(p.columns) == 1:
            values = values.sum(axis=2, keepdims=True)
        values = values.transpose(2, 0, 1, 3).reshape(-1, config.rows)
        columns = p.columns.reshape(-1)
        used = columns >= 0
        height = p.rows.stop - p.rows.start
        results[p.operation][p.rows, columns[used]] += values[used, :height].T
        first += count
    return results


def _unpack(data, numbers, width):
    """``numbers`` two's-complement fields of ``width`` ≤ 56 bits from the words of a stream: int64 (words, numbers)."""
    if data.ndim == 1:  # a word of up to 63 bits comes as an integer
        data = np.ascontiguousarray(data, "<i8").view(np.uint8).reshape(-1, 8)
    padded = np.zeros((len(data), data.shape[1] + 8), np.uint8)
    padded[:, : data.shape[1]] = data
    fields = np.empty((len(data), numbers), np.int64)
    for i in range(numbers):
        start, shift = divmod(i * width, 8)
        word = np.ascontiguousarray(padded[:, start : start + 8]).view(np.uint64)[:, 0]
        fields[:, i] = (word >> np.uint64(shift) << np.uint64(64 - width)).view(np.int64) >> (64 - width)
    return fields
