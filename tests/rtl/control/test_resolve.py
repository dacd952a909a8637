"""The resident program's instructions as units execute them, against golden: any word, and whole programs."""

import dataclasses
from itertools import compress, islice
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from issue_checks import check_idle
from pass_views import CONFIGS, golden_view, random_instruction, random_position, random_shape, slot_of
from resident_benches import resolve_design
from synthetic import synthetic_model

from golden.errors import InputError
from golden.lambda_attention import LambdaRule
from golden.machine import walk
from golden.machine.text import MOST_TOKENS
from golden.units.resolve import WHEN, Resolver
from myhdl_acc.program.compiler import Compiler
from myhdl_acc.report.synthesis import depths
from myhdl_acc.rtl.control.resolve import LATENCY
from myhdl_acc.simulate import BACKENDS, open_simulation
from myhdl_acc.simulate.backpressure import gap_array

TINY = CONFIGS["tiny"]


def as_words(instructions):
    data = b"".join(instruction.word().to_bytes(32, "little") for instruction in instructions)
    return np.frombuffer(data, np.uint8).reshape(-1, 32)


def levels(shape, fields, resolver, position, tokens, logits_offset, first, config, batch=False):
    """The plain inputs of the bench in a pass."""
    held = sum(int(resolver.holds(when)) << when for when in range(len(WHEN)))
    now = {"holds": held, "position": position, "slot": slot_of(shape, position), "logits_offset": logits_offset}
    now |= {"first": first, "last": len(tokens) - 1, "batch": int(batch)}
    names = {"capacity": shape.capacity, "sinks": shape.sinks, "heads_log2": shape.lanes.heads_log2}
    names |= {"chunk_log2": shape.chunk_log2, "taps": shape.taps, "renews": int(shape.renews)}
    names |= {"spare": shape.spare, "slots": shape.slots}
    padded = [*tokens, *[(1 << 32) - 1] * config.rows][: config.rows]
    return {
        **{f"now_{name}": value for name, value in now.items()},
        **{f"now_shape_{name}": value for name, value in names.items()},
        **{f"now_view_{name}": value for name, value in fields.items()},
        **{f"now_tokens_row{row:02d}": token for row, token in enumerate(padded)},
    }


def run_pass(simulation, inputs, words, offsets, expected, kinds=("never", "never"), seed=0):
    """Words of a pass through the bench; all that come out must be those ``expected``."""
    run = simulation.run(
        {**inputs, "sink": {"word": as_words(words), "offset": offsets}},
        {"source": len(expected)},
        {"sink": gap_array(kinds[0], len(words), seed), "source": gap_array(kinds[1], len(expected), seed + 1)},
        record=True,
    )
    found = [int.from_bytes(row.tobytes(), "little") for row in run.outputs["source"]["word"]]
    for number, (word, wanted) in enumerate(zip(found, expected, strict=True)):
        assert word == wanted.word(), f"{number}: {hex(word)} instead of {wanted} {hex(wanted.word())}"
    return run


def end_with_a_kept_one(one):
    """A run ends with its last word outside: those that are dropped behind it would be inside when the next begins."""
    count = max((number for number, kept in enumerate(one.kept, 1) if kept), default=0)
    del one.words[count:], one.offsets[count:], one.kept[count:]


class RandomPass:
    """A pass of any kind on ``config``, and words that golden can resolve in it."""

    def __init__(self, rng, config, count):
        shape, batch = random_shape(rng, config), rng.random() < 0.3
        position, left = random_position(rng, shape), 1 if batch else rng.randint(1, 17)
        view, fields = golden_view(shape, position, left, config.rows)
        count = rng.randint(1, min(config.rows, MOST_TOKENS)) if batch else view.last + 1
        tokens = [rng.choice([rng.randrange(1 << 20), (1 << 20) - 1]) for _ in range(count)]
        begin = view, tokens, rng.random() < 0.5, rng.random() < 0.5, rng.randrange(1 << 31), rng.randrange(16), batch
        resolver, trial = Resolver(shape), Resolver(shape)
        resolver.begin(*begin)
        self.words, self.offsets, self.kept, self.expected = [], [], [], []
        while len(self.words) < count:
            word = random_instruction(rng, view, shape)
            trial.begin(*begin)
            trial.offset = resolver.offset = rng.choice([0, 1, 77777, (1 << 31) - 1])
            try:
                trial.resolve(word)
            except InputError:  # a sum that its field cannot hold: no program has it
                continue
            self.words.append(word)
            self.offsets.append(resolver.offset)
            resolved = resolver.resolve(word)
            self.kept.append(resolved is not None)
            self.expected += [resolved] if self.kept[-1] else []
        end_with_a_kept_one(self)
        self.inputs = levels(shape, fields, resolver, position, tokens, *begin[-3:-1], config, batch)


@pytest.mark.parametrize("name", CONFIGS)
@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 1 << 32), kinds=st.tuples(*[st.sampled_from(["never", "random", "bursty"])] * 2))
def test_any_word_in_any_pass(name, seed, kinds):
    rng = Random(seed)
    with open_simulation(resolve_design(CONFIGS[name]), "myhdl") as simulation:
        for _ in range(3):
            run_random_pass(simulation, RandomPass(rng, CONFIGS[name], 25), kinds, seed)


def run_random_pass(simulation, one, kinds, seed):
    return run_pass(simulation, one.inputs, one.words, one.offsets, one.expected, kinds, seed)


@pytest.mark.parametrize("name", CONFIGS)
def test_thousands_in_verilator(name):
    rng = Random(3)
    with open_simulation(resolve_design(CONFIGS[name]), "verilator") as simulation:
        for number in range(40):
            kinds = rng.choices(["never", "random", "bursty"], k=2)
            run_random_pass(simulation, RandomPass(rng, CONFIGS[name], 100), kinds, number)


class Recorded(Resolver):
    """A Resolver that keeps what it is asked for, pass after pass."""

    passes = []

    def __init__(self, shape):
        super().__init__(shape)
        self.shape = shape

    def begin(self, view, tokens, logits, angles, logits_offset, first, batch):
        super().begin(view, tokens, logits, angles, logits_offset, first, batch)
        self.first = first
        self.words, self.offsets, self.kept = [], [], []
        self.tokens, self.position, self.logits_offset = tokens, view.position, logits_offset
        self.passes.append(self)

    def resolve(self, i):
        self.words.append(i)
        self.offsets.append(self.offset)
        resolved = super().resolve(i)
        self.kept.append(resolved is not None)
        return resolved


SIZES = {"vocab": 20, "dim": 64, "layers": 4, "heads": 6, "kv_heads": 2, "head_dim": 32, "ffn": 64, "context": 64}
PROGRAMS = {
    "one lane": (CONFIGS["one lane"], {}, LambdaRule(2, 120)),
    "families": (CONFIGS["one lane"], {"biased": True, "head_norms": True, "unrotated": (1, 3)}, LambdaRule(40, 90)),
    "no sinks": (CONFIGS["sixteen rows"], {"kv_heads": 3}, LambdaRule(0, 300)),
    "u280": (CONFIGS["u280"], {"head_dim": 128, "heads": 8}, LambdaRule(4, 1020)),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_whole_programs(name, monkeypatch):
    """All that the units execute in requests around everything that is special of the cache."""
    config, sizes, rule = PROGRAMS[name]
    config = dataclasses.replace(config, vector_depth=4096, activation_words=256, acc_depth=128, program_depth=8192)
    drafts = name in ("families", "no sinks")
    compiler = Compiler(synthetic_model("w2", tied=True, **(SIZES | sizes)), rule, config, drafts=drafts)
    program, turn = compiler.program, compiler.place.block * compiler.place.head_lanes.share
    capacity = rule.capacity
    monkeypatch.setattr(walk, "Resolver", Recorded)
    with open_simulation(resolve_design(config), "verilator") as simulation:
        for position in (0, turn - 2, turn, capacity - 8, capacity - 3, capacity, capacity + 7 * turn + 3):
            Recorded.passes.clear()
            request = compiler.request([3, 4, 5, 6, 19, 0, 1], 2, position, logits_step=1000)
            left, expected = 7, iter(compiler.passes(request, program)[:-1])
            assert len(Recorded.passes) > 1
            for one in Recorded.passes:
                _, fields = golden_view(one.shape, one.position, left, config.rows)
                left = left - len(one.tokens) or 1
                inputs = levels(one.shape, fields, one, one.position, one.tokens, one.logits_offset, one.first, config)
                resolved = list(islice(expected, sum(one.kept)))
                end_with_a_kept_one(one)
                run_pass(simulation, inputs, one.words, one.offsets, resolved)
            assert next(expected, None) is None


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_every_simulator_a_word_per_cycle(backend):
    """Dropped or not, none waits for another."""
    one = RandomPass(Random(8), TINY, 60)
    with open_simulation(resolve_design(TINY), backend) as simulation:
        run = run_random_pass(simulation, one, ("never", "never"), 0)
        run_random_pass(simulation, one, ("random", "bursty"), 1)
    assert (np.diff(run.transfers["sink"]) == 1).all()
    assert (run.transfers["source"] == run.transfers["sink"][one.kept] + LATENCY).all()


def test_idle():
    """Low in exactly the cycles in which a word is inside."""
    one = RandomPass(Random(9), TINY, 60)
    words, offsets = (list(compress(column, one.kept)) for column in (one.words, one.offsets))
    with open_simulation(resolve_design(TINY), "myhdl") as simulation:
        run = run_pass(simulation, one.inputs, words, offsets, one.expected, ("bursty", "random"))
    check_idle(run, ["source"])


@pytest.mark.parametrize("name", ["sixteen rows", "u280"])
def test_levels(name):
    assert max(depths(resolve_design(CONFIGS[name])).values()) <= 9
