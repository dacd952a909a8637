"""The load unit against its golden twin and against the engine's own layout of slices."""

import dataclasses

import numpy as np
import pytest
from control_benches import TABLE_BITS, load_unit_design
from hypothesis import given, settings
from hypothesis import strategies as st
from test_activation_buffer import groups_of, stimulus

from golden.units.load_unit import load_unit as golden_load_unit
from myhdl_acc.program.interleave import slice_words
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.control import load_unit as unit
from myhdl_acc.rtl.control.instruction import Instruction
from myhdl_acc.simulate import BACKENDS, open_simulation
from myhdl_acc.simulate.backpressure import gap_array

TINY = AcceleratorConfig.preset("tiny")
CONFIGS = {
    "tiny": TINY,
    "wide": dataclasses.replace(TINY, lanes=8, beat_bits=512, activation_words=40),
    "one lane": dataclasses.replace(TINY, lanes=1, rows=4, beat_bits=256),
}


def random_instruction(rng, config, op=None):
    """(op, fields) that the configuration can execute."""
    op = op or str(rng.choice(["slice", "query", "key", "value"]))
    size = config.activation_words
    if op == "slice":
        words = config.atoms * int(rng.integers(1, 5))
        valid = int(rng.choice([0, words, words + 3, rng.integers(0, words + 1)]))
        address = int(rng.integers(0, size - min(valid, words) + 1))
        return op, {"address": address, "words": words, "valid": valid}
    dims = 32 * int(rng.integers(1, config.atoms // 2 + 1))
    heads_log2 = int(rng.integers(0, 4))
    heads = int(rng.integers((1 << heads_log2) // 2 + 1, (1 << heads_log2) + 1))
    stride = int(rng.integers(0, 3))
    address = int(rng.integers(0, size - (heads - 1) * stride - dims // 32 + 1))
    fields = {"address": address, "dims": dims, "heads": heads, "heads_log2": heads_log2, "stride": stride}
    if op != "query":
        fields["entry"] = int(rng.integers(0, (1 << TABLE_BITS) - heads + 1))
        fields["row"] = int(rng.choice([0, rng.integers(config.rows)]))
    return op, fields


def golden_words(op, fields, buffer, table, lanes, atoms):
    """The golden unit's words in the order in which they are sent: ``(lane, again, broadcast, kind, data)``. What is
    the same in every P-th lane is sent once."""
    kind, words = golden_load_unit(
        op, fields, lambda first, count: buffer[first : first + count], lambda entry: table[entry], lanes, atoms
    )
    words = words.view(np.uint8)
    period = 1 if op == "slice" else min(1 << fields["heads_log2"], lanes)
    assert all(np.array_equal(own, words[lane % period]) for lane, own in enumerate(words))
    return [
        (lane, period - 1, int(period == 1), kind, word.reshape(-1))
        for lane, own in enumerate(words[:period])
        for word in own
    ]


def columns(words, config):
    """Words of the golden unit as the stream's fields."""
    names = ("lane", "again", "broadcast", "kind", "data")
    return {name: np.array([word[i] for word in words]) for i, name in enumerate(names)}


class Bench:
    """A session with a random buffer and table."""

    def __init__(self, config, backend, seed):
        self.config, self.rng = config, np.random.default_rng(seed)
        self.simulation = open_simulation(load_unit_design(config), backend)
        rows, words = config.rows, config.activation_words
        self.buffer = self.rng.integers(-128, 128, (words, rows, 32), np.int8)
        self.buffer[self.rng.random(words) < 0.2] = -128
        self.table = self.rng.integers(0, 1 << 32, (1 << TABLE_BITS, rows), np.uint64).astype(np.uint32)
        data = stimulus(groups_of(self.buffer, config))
        entries = stimulus(self.table.astype("<u4").view(np.uint8).reshape(1 << TABLE_BITS, -1))
        self.simulation.run({"sink_write": {"index": np.arange(len(data)), "data": data}})
        self.simulation.run({"sink_table": {"entry": np.arange(1 << TABLE_BITS), "word": entries}})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.simulation.close()

    def execute(self, instructions, kind="never", waits=(), seed=0):
        """Run ``(op, fields)`` and compare every word; ``waits``: of each. Returns the run."""
        waits = waits or [0] * len(instructions)
        words, sent = [], []
        for (op, fields), wait in zip(instructions, waits, strict=True):
            word = Instruction("load", op, {**fields, "wait": wait}).word()
            words.append(np.frombuffer(word.to_bytes(32, "little"), np.uint8))
            sent.append(golden_words(op, fields, self.buffer, self.table, self.config.lanes, self.config.atoms))
        expected = columns([word for part in sent for word in part], self.config)
        count = len(expected["lane"])
        run = self.simulation.run(
            {"sink": {"word": np.array(words)}, "sink_post": sum(waits)},
            {"source": count},
            {
                "source": gap_array(kind, count, seed),
                "sink": gap_array(kind, len(words), seed + 1),
                "sink_post": gap_array("bursty", sum(waits), seed + 2),
            },
            record=True,
        )
        for name, values in expected.items():
            assert (run.outputs["source"][name] == values).all(), name
        return run, [len(part) for part in sent]


@pytest.mark.parametrize("name", CONFIGS)
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 1 << 32), kind=st.sampled_from(["never", "random", "bursty", "always"]))
def test_random_instructions(name, seed, kind):
    with Bench(CONFIGS[name], "myhdl", seed) as bench:
        instructions = [random_instruction(bench.rng, bench.config) for _ in range(5)]
        waits = bench.rng.integers(0, 2, 5).tolist()
        bench.execute(instructions, kind, waits, seed & 0xFFFF)


@pytest.mark.parametrize("backend", BACKENDS[1:])
def test_converted(backend):
    with Bench(TINY, backend, 5) as bench:
        instructions = [random_instruction(bench.rng, TINY, op) for op in ("slice", "query", "key", "value", "slice")]
        bench.execute(instructions, "random", [1, 0, 1, 0, 0])


@pytest.mark.parametrize("name", CONFIGS)
def test_thousands_in_verilator(name):
    with Bench(CONFIGS[name], "verilator", 6) as bench:
        for kind in ("never", "random", "bursty"):
            bench.execute([random_instruction(bench.rng, bench.config) for _ in range(300)], kind)


def test_a_word_per_cycle_across_instructions():
    with Bench(CONFIGS["wide"], "myhdl", 7) as bench:
        instructions = [random_instruction(bench.rng, bench.config) for _ in range(8)]
        run, counts = bench.execute(instructions)
        assert (np.diff(run.transfers["source"]) == 1).all()
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
        assert (run.transfers["source"][starts] - run.transfers["sink"] == unit.LATENCY).all()


def test_wait_holds_an_instruction_back():
    with Bench(TINY, "myhdl", 8) as bench:
        instruction = ("slice", {"address": 0, "words": 4, "valid": 4})
        run, _ = bench.execute([instruction] * 2, waits=[0, 1])
        assert run.transfers["sink"][1] > run.transfers["sink_post"][0]


@pytest.mark.parametrize("atoms", [2, 4, 8])
def test_the_golden_unit_lays_slices_as_the_engine_does(atoms):
    """For ``slice`` and ``query`` the engine's own layout is the reference (docs/formats.md)."""
    rng = np.random.default_rng(9)
    config = dataclasses.replace(TINY, beat_bits=64 * atoms)
    buffer = rng.integers(-128, 128, (16, 2, 32), np.int8)
    x = buffer[3 : 3 + atoms].swapaxes(0, 1).reshape(2, -1)
    sent = golden_words("slice", {"address": 3, "words": atoms, "valid": atoms}, buffer, None, 2, atoms)
    assert (np.array([word[-1] for word in sent]) == slice_words(x, 0, config)[0]).all()
    for dims in range(32, 16 * atoms + 1, 32):
        fields = {"address": 1, "dims": dims, "heads": 2, "heads_log2": 1, "stride": 5}
        sent = golden_words("query", fields, buffer, None, 4, atoms)
        for lane in range(2):
            first = 1 + 5 * lane
            query = buffer[first : first + dims // 32].swapaxes(0, 1).reshape(2, -1)
            if dims <= 8 * atoms:
                half = np.zeros((2, 8 * atoms), np.int8)
                half[:, :dims] = query
                query = np.concatenate([half, half], axis=1)
            words = [word for word in sent if word[0] == lane]
            assert (np.array([word[-1] for word in words]) == slice_words(query, 1, config)[0]).all()
            assert all(word[1:4] == (1, 0, 0) for word in words)
