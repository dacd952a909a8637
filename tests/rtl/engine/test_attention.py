"""The engine as the accelerator uses it: parameters, meta, new tokens patched into the cache, slices of a lane's own.

The chain and the lanes' own streams offer their slices as early as they can: lanes take them in the order of the
commands.
"""

from types import SimpleNamespace

import numpy as np
import pytest
from new_tokens import token_words

from golden.layout import HeadLanes
from golden.units.load_unit import NEW_KEY, NEW_VALUE, SLICE
from golden.units.patch import NO_PATCH, PATCH_KEY, PATCH_VALUE, patch
from myhdl_acc.program.interleave import key_shape, slice_words
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.engine.command import META, MODES
from myhdl_acc.rtl.engine.engine import engine, engine_ports
from myhdl_acc.simulate import BACKENDS, Design, clock, open_simulation, reset
from myhdl_acc.simulate.stimulus import to_integers

CONFIGS = {
    "tiny": AcceleratorConfig.preset("tiny"),
    "four rows": AcceleratorConfig(lanes=4, rows=4, beat_bits=128, acc_depth=40, max_k=512),
}
CODES = MODES | {"meta": META}


class Traffic:
    """Commands with random operands, and all that must come out."""

    def __init__(self, config, seed):
        self.config, self.rng = config, np.random.default_rng(seed)
        lanes = range(config.lanes)
        self.commands, self.loads, self.results = [], [], []
        self.beats, self.writes, self.weights = ([[] for _ in lanes] for _ in range(3))

    def command(self, kind, outer=1, middle=1, inner=1, split=0, params=0, patch_code=NO_PATCH, token=None, more=0):
        token = token or SimpleNamespace(slot=0, tokens=0, heads_log2=0, base=0, release=0, skip=0)
        self.commands.append(
            {
                "mode": CODES[kind], "outer": outer, "middle": middle, "inner": inner - 1, "split": split,
                "params": params, "patch": patch_code, "more": more, **vars(token),
            }
        )  # fmt: skip

    def token(self, blocks):
        """A place for the new tokens within ``blocks`` token blocks of every lane, and where the cache lies."""
        config, rng = self.config, self.rng
        heads_log2 = int(rng.integers(0, config.lanes.bit_length()))
        slots = blocks * 16 * config.atoms * (config.lanes >> heads_log2)
        slot, tokens = rng.integers(0, slots), rng.integers(1, config.rows + 1)
        return SimpleNamespace(
            slot=int(slot), tokens=int(tokens), heads_log2=heads_log2, base=int(rng.integers(0, 1 << 31)), release=1,
            skip=int(rng.choice([0, 1000])),
        )  # fmt: skip

    def new_token(self, kind):
        """Sends every lane random new tokens; returns them: per lane (rows, 16·atoms) nibbles and parameters."""
        config, rng = self.config, self.rng
        tokens = []
        for lane in range(config.lanes):
            nibbles = rng.integers(-8, 8, (config.rows, 16 * config.atoms))
            parameters = rng.integers(0, 1 << 32, config.rows).astype(np.uint32)
            self.loads += [(lane, 0, kind, word) for word in token_words(nibbles, parameters, config)]
            tokens.append((nibbles, parameters))
        return tokens

    def patched(self, beats, kind, code, params, middle, split, token, new):
        """The beats (per lane) as the patch leaves them; what it writes back is filed."""
        config = self.config
        result = []
        for lane in range(config.lanes):
            positions = [
                HeadLanes(config.lanes, token.heads_log2, 16 * config.atoms).position(token.slot + row, lane)
                if row < token.tokens
                else None
                for row in range(config.rows)
            ]
            after, numbers = patch(beats[lane], kind, code, params, middle, split, positions, *new[lane])
            self.writes[lane] += [(token.base + n + token.skip * (n >= params), after[n]) for n in numbers]
            result.append(after)
        return result

    def memory(self, beats):
        """Random beats of every lane."""
        return [self.rng.integers(0, 256, (beats, 8 * self.config.atoms)).astype(np.uint8) for _ in self.beats]

    def parameters(self, beats, params, words):
        """(words, lanes) of the parameter beats, 0 if there are none."""
        if not params:
            return np.zeros((words, self.config.lanes), np.uint32)
        return np.stack([np.ascontiguousarray(b[:params]).view("<u4").reshape(-1)[:words] for b in beats], axis=1)

    def param_beats(self, words):
        return -(-words // (2 * self.config.atoms))

    def result(self, sums, parameters):
        """``sums`` (lanes, rows, words), ``parameters`` (words, lanes)."""
        for number in range(len(parameters)):
            last = number == len(parameters) - 1
            self.results.append((sums[:, :, number].reshape(-1), parameters[number], last))

    def stream(self, beats):
        for lane, found in enumerate(beats):
            self.beats[lane].append(found)

    def keys(self, dims, tokens, patched=True, has_parameters=True):
        """qk over ``tokens`` cached tokens per lane; the query differs from lane to lane."""
        config, rng = self.config, self.rng
        split, _, _ = key_shape(dims, config)
        split = int(split)
        indices = -(-tokens // (1 + split))
        words = indices * (1 + split)
        params = self.param_beats(words) if has_parameters else 0
        width = 8 * config.atoms if split else 16 * config.atoms
        queries = rng.integers(-128, 128, (config.lanes, config.rows, width))
        queries[:, :, dims:] = 0
        spread = np.concatenate([queries] * (1 + split), axis=2).astype(np.int8)
        for lane in range(config.lanes):
            for word in slice_words(spread[lane], 1, config)[0]:
                self.loads.append((lane, 0, SLICE, word))
        beats = self.memory(params + indices)
        token, code = None, NO_PATCH
        if patched:
            code, token = PATCH_KEY, self.token(-(-tokens // (16 * config.atoms)))
            new = self.new_token(NEW_KEY)
            self.stream(beats)
            beats = self.patched(beats, "qk", code, params, indices, split, token, new)
        else:
            self.stream(beats)
        self.command("qk", middle=indices, split=split, params=params, patch_code=code, token=token)
        cache = np.stack([nibbles(b[params:]).reshape(words, width) for b in beats])
        sums = np.einsum("ltd,lrd->lrt", cache.astype(np.int64), queries)
        self.result(sums, self.parameters(beats, params, words))

    def values(self, dims, blocks, patched=True, apart=0):
        """pv over ``blocks`` token blocks per lane; the probabilities come from the lanes' own streams. ``apart``:
        those of so many others are added by a command of their own."""
        before = self._values_before(dims, apart) if apart else 0
        config, rng = self.config, self.rng
        tokens = blocks * 16 * config.atoms
        # Before the slices: a second one waits until the first is used, and that waits for the new value.
        new = self.new_token(NEW_VALUE) if patched else None
        share = rng.integers(-128, 128, (config.lanes, config.rows, tokens))
        for lane in range(config.lanes):
            for slice_ in slice_words(share[lane].astype(np.int8), 2, config):
                self.weights[lane] += list(slice_)
        beats = self.memory(blocks * dims)
        token, code = None, NO_PATCH
        self.stream(beats)
        if patched:
            code, token = PATCH_VALUE, self.token(blocks)
            beats = self.patched(beats, "pv", code, 0, dims, 0, token, new)
        self.command("pv", outer=blocks, middle=dims, patch_code=code, token=token)
        cache = np.stack([nibbles(b).reshape(blocks, dims, -1) for b in beats])
        sums = np.einsum("lbdt,lrbt->lrd", cache.astype(np.int64), share.reshape(*share.shape[:2], blocks, -1))
        self.result(before + sums, np.zeros((dims, config.lanes), np.uint32))

    def _values_before(self, dims, blocks):
        """The sums of a command with more to come."""
        results, self.results = self.results, []
        self.values(dims, blocks, patched=False)
        self.commands[-1]["more"] = 1
        found, self.results = self.results, results
        sums = np.stack([sums for sums, _, _ in found], axis=-1)
        return sums.reshape(self.config.lanes, self.config.rows, -1)

    def meta(self, words, patched=True):
        """Parameters alone; a patched one keeps the value for the pv that follows."""
        config = self.config
        params = self.param_beats(words)
        beats = self.memory(params)
        self.stream(beats)
        token, code = None, NO_PATCH
        if patched:
            code, token = PATCH_VALUE, self.token(-(-words // (16 * config.atoms)))
            beats = self.patched(beats, "meta", code, params, words, 0, token, self.new_token(NEW_VALUE))
        self.command("meta", middle=words, params=params, patch_code=code, token=token)
        self.result(np.zeros((config.lanes, config.rows, words), np.int64), self.parameters(beats, params, words))

    def matrix(self, channels, has_parameters=True):
        """w8 with one slice for all lanes."""
        config, rng = self.config, self.rng
        x = rng.integers(-128, 128, (config.rows, config.slice_len))
        self.loads += [(0, 1, SLICE, word) for word in slice_words(x.astype(np.int8), 0, config)[0]]
        params = self.param_beats(channels) if has_parameters else 0
        beats = self.memory(params + 4 * channels)
        for found in beats:
            found[params:] &= 0x7F  # no high digit of −8
        self.stream(beats)
        self.command("w8", middle=channels, inner=4, params=params)
        sums = []
        for found in beats:
            digits = nibbles(found[params:]).reshape(channels, 4, config.atoms, 8, 2).astype(np.int64)
            weights = (digits[..., 0] + 16 * digits[..., 1]).transpose(0, 2, 3, 1).reshape(channels, -1)
            sums.append(x @ weights.T)
        self.result(np.stack(sums), self.parameters(beats, params, channels))

    def run(self, simulation, gaps=None):
        """Compares every word that comes out; returns the run."""
        config = self.config
        loads = {
            name: np.array([word[i] for word in self.loads]) for i, name in enumerate(("lane", "broadcast", "kind"))
        }
        data = np.array([word[3] for word in self.loads], np.uint8).reshape(-1, config.load_bits // 8)
        inputs = {
            "sink_cmd": {name: [command[name] for command in self.commands] for name in self.commands[0]},
            "sink_load": loads | {"again": np.zeros(len(self.loads), int), "data": data},
        }
        expect = {"source_result": len(self.results)}
        for lane in range(config.lanes):
            inputs[f"sink_beat_ch{lane:02d}"] = {"data": np.concatenate(self.beats[lane])}
            inputs[f"sink_weights_ch{lane:02d}"] = {
                "data": np.array(self.weights[lane], np.uint8).reshape(-1, config.load_bits // 8)
            }
            expect[f"source_write_ch{lane:02d}"] = len(self.writes[lane])
        counts = {name: len(next(iter(fields.values()))) for name, fields in inputs.items()} | expect
        delays = {name: gaps(count) for name, count in counts.items()} if gaps else None
        run = simulation.run(inputs=inputs, expect=expect, gaps=delays, record=True)
        out = run.outputs["source_result"]
        numbers = config.lanes * config.rows
        mask = (1 << config.acc_bits) - 1
        data = [
            sum((int(value) & mask) << config.acc_bits * i for i, value in enumerate(sums))
            for sums, _, _ in self.results
        ]
        assert to_integers(out["data"], numbers * config.acc_bits, False) == data
        words = [sum(int(w) << 32 * lane for lane, w in enumerate(words)) for _, words, _ in self.results]
        assert to_integers(out["parameter"], 32 * config.lanes, False) == words
        assert (out["last"] != 0).tolist() == [last for *_, last in self.results]
        for lane, writes in enumerate(self.writes):
            if writes:
                out = run.outputs[f"source_write_ch{lane:02d}"]
                assert out["address"].tolist() == [address for address, _ in writes]
                assert np.array_equal(out["data"], [data for _, data in writes])
        return run


def nibbles(beats):
    """int4 values of beats, slot 0 first."""
    both = np.stack([beats & 15, beats >> 4], axis=-1).astype(np.int8)
    return ((both ^ 8) - 8).reshape(*beats.shape[:-1], -1)


def design(config):
    return Design(engine, clk=clock(), rst=reset(), **engine_ports(config))


def a_step(traffic):
    """Something of everything, in the order in which a decoding step has it."""
    traffic.matrix(5)
    traffic.keys(7, 9)
    traffic.meta(13)
    traffic.values(6, 2)
    traffic.keys(traffic.config.atoms * 16, 11)
    traffic.matrix(1, has_parameters=False)
    traffic.meta(1, patched=False)
    traffic.keys(5, 3, patched=False, has_parameters=False)


def values_alone(traffic):
    traffic.meta(13)
    traffic.values(6, 2)
    traffic.values(3, 1, patched=False)
    traffic.values(4, 4)
    traffic.values(6, 1, apart=3)
    traffic.meta(1, patched=False)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_step_in_every_simulator(backend):
    config = CONFIGS["tiny"]
    rng = np.random.default_rng(4)
    with open_simulation(design(config), backend) as simulation:
        for seed, fill in enumerate((a_step, values_alone, a_step)):
            traffic = Traffic(config, seed)
            fill(traffic)
            traffic.run(simulation, gaps=lambda count: rng.integers(0, 3, count))


@pytest.fixture(scope="module")
def fast():
    tiny = open_simulation(design(CONFIGS["tiny"]), "verilator")
    four = open_simulation(design(CONFIGS["four rows"]), "verilator")
    with tiny, four:
        yield {"tiny": tiny, "four rows": four}


def add(traffic, step):
    kind, share, size, flag, other = step
    atoms = traffic.config.atoms
    if kind == "values":
        dims = 1 + int(share * (min(16 * atoms, traffic.config.acc_depth) - 1))
        traffic.values(dims, 1 + size % 4, flag, apart=size % 3 if other else 0)
    elif kind == "meta":
        traffic.meta(size, flag)
    elif kind == "keys":
        traffic.keys(1 + int(share * (16 * atoms - 1)), size, flag, other)
    else:
        traffic.matrix(size, flag)


@pytest.mark.parametrize("name", CONFIGS)
def test_any_steps_under_back_pressure(fast, name):
    for seed in range(50):
        rng = np.random.default_rng(seed)
        traffic = Traffic(CONFIGS[name], seed)
        for _ in range(rng.integers(1, 9)):
            kind = rng.choice(["keys", "values", "meta", "matrix"])
            add(traffic, (kind, rng.random(), int(rng.integers(1, 17)), *(rng.random(2) < 0.6)))
        traffic.run(fast[name], gaps=lambda count, rng=rng: rng.integers(0, rng.choice([1, 2, 6]), count))
