"""The way through any program in any request, against golden's Walk, and the ways to fail."""

import dataclasses
import re
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from issue_checks import words_of_integers
from pass_views import CONFIGS, slot_of
from resident_benches import run_words, walk_design

from golden.layout import HeadLanes
from golden.machine.fault import MachineFault
from golden.machine.request import CHOSEN, Request
from golden.machine.text import BY_HEAD, MOST_TOKENS
from golden.machine.walk import Walk
from golden.units.cache_view import CacheShape
from golden.units.drafter import HEADS, Drafter
from golden.units.resolve import WHEN
from myhdl_acc.hdl.convert import convert
from myhdl_acc.report.synthesis import depths
from myhdl_acc.rtl.control.instruction import instruction
from myhdl_acc.rtl.control.walk import LEAP
from myhdl_acc.simulate import BACKENDS, open_simulation
from myhdl_acc.simulate.backpressure import gap_array

TINY = CONFIGS["tiny"]


def pass_of(shape, batch=0):
    """The instruction that begins a pass."""
    return instruction(
        "control", "pass", capacity=shape.capacity, sinks=shape.sinks, heads_log2=shape.lanes.heads_log2,
        chunk_log2=shape.chunk_log2, taps=shape.taps, renews=shape.renews, spare=shape.spare, sequences=batch,
    )  # fmt: skip


def for_a_unit(rng):
    """An instruction that golden resolves in every pass."""
    when = rng.choice([0, 0, rng.randrange(len(WHEN))])
    return rng.choice(
        [
            instruction("engine", "w4", base=rng.randrange(1 << 30), beats=7, layered=rng.randrange(2), when=when),
            instruction("engine", "meta", base=rng.randrange(1 << 30), stride=3, row=rng.randrange(3), when=when),
            instruction("load", "slice", words=rng.randrange(99), when=when),
            instruction("vector", "angle", row=rng.randrange(3), bank=rng.randrange(2), when=when),
            instruction("vector", "logits", address=rng.randrange(1 << 30), when=WHEN.index("logits")),
            instruction("vector", "values", until=rng.choice([3, 4]), when=when),
        ]
    )


def random_program(rng, shape, batch=0):
    """Instructions of any order: stretches, some of them loops of layers, some left out on a condition. In a batch
    other sequences have their turn now and then."""
    program = [pass_of(shape, batch)]
    for _ in range(rng.randint(1, 4)):
        stretch = [for_a_unit(rng) for _ in range(rng.randint(0, 5))]
        if batch and rng.random() < 0.8:
            turn = instruction("control", "sequence", number=rng.randrange(batch))
            stretch.insert(rng.randint(0, len(stretch)), turn)
        kind, first = rng.choice(["plain", "loop", "jump"]), len(program)
        if kind == "jump":
            target = first + 1 + len(stretch)
            program.append(instruction("control", "jump", target=target, when=rng.randrange(1, len(WHEN))))
        program += stretch
        if kind == "loop":
            layers = {"target": first, "count": rng.randint(1, 3), "stride": rng.randrange(1 << 20)}
            program.append(instruction("control", "repeat", **layers))
    program += [instruction("control", "next", target=0), instruction("control", "end")]
    return program if batch or rng.random() < 0.3 else with_drafts(rng, program)


def with_drafts(rng, program):
    """``program`` with instructions that make a draft, of which none depends on the cache."""
    first = len(program)
    program[-2] = instruction("control", "next", target=first)
    made = [
        instruction("engine", "meta", base=rng.randrange(1 << 30), stride=rng.randrange(1, 99), row=rng.randrange(2)),
        instruction("vector", "embed", row=rng.randrange(2)),
        instruction("load", "slice", words=rng.randrange(99)),
        instruction("vector", "logits", address=rng.randrange(1 << 30)),
    ]
    begin, keep = instruction("control", "draft", target=0), instruction("control", "keep", target=first)
    return [*program, begin, *rng.sample(made, rng.randint(1, len(made))), keep]


def random_shape(rng, config):
    lanes = HeadLanes(config.lanes, rng.randrange(config.lanes.bit_length()), 16 * config.atoms)
    sinks = rng.choice([0, 3])
    chunk_log2, taps, renews = rng.randrange(3), rng.choice([1, 2]), rng.random() < 0.8
    spare = rng.choice([0, min(config.rows, MOST_TOKENS) - 1])
    capacity = sinks + rng.choice([rng.randint(5, 12), rng.randint(5, 90)])
    return CacheShape(capacity, sinks, lanes, 2 * config.atoms, chunk_log2, taps, renews, spare)


class Run:
    """``program`` in a request, and what golden makes of it. ``length``: words of the program, if not all.

    ``words``: for the units; ``entries``; ``said``; ``fetched``: (beat, words).
    """

    def __init__(self, rng, config, program, shape, length=None):
        batch = program[0]["sequences"]
        positions = [
            rng.choice([0, shape.capacity - 1, shape.capacity, rng.randrange(3 * shape.capacity)])
            for _ in range(min(config.rows, MOST_TOKENS))
        ]
        position, places = positions[0], [(one, slot_of(shape, one)) for one in positions]
        drafts = rng.randint(1, 15) if shape.spare and not batch else 0
        position *= not drafts  # where a text begins
        mask = rng.choice([1, 3, 7, 31]) if drafts else (1 << 32) - 1
        prompt = [rng.randrange(1 << 20) & mask for _ in range(rng.randint(1, 10) * (batch or 1))]
        choices = rng.randint(0, 30 if drafts else 5) * (batch or 1)
        if batch and choices:  # each has chosen something by then
            prompt = [rng.choice([token, CHOSEN]) if number >= batch else token for number, token in enumerate(prompt)]
        prompt = tuple(prompt)
        seed = rng.randrange(1 << 19)
        ends = [rng.choice([seed + 16 * rng.randint(0, 6), 5]) for _ in range(8)]
        request = Request(
            prompt, choices, position, slot_of(shape, position),
            tuple(ends[: rng.randint(0, 2)]), rng.randrange(1 << 10), drafts, tuple(places[1:]) if batch else (),
            rng.randrange(3), rng.choice([0, 193, 385, 2000]),
        )  # fmt: skip
        length = len(program) if length is None else length
        text = Drafter(config.lookup_depth)
        walk = Walk(program[:length], request, config.lanes, shape.lanes.block, shape.words, config.rows, text)
        self.words, said = [], {"illegal": 0, "overrun": 0, "unit": 0}

        def choose(row):
            return seed + (0 if batch else 16 * len(walk.chosen)) + row & mask

        try:
            for one in walk.instructions(lambda angles, positions: None, choose):
                self.words.append(one.word())
            self.words.pop()  # the end itself
        except MachineFault:
            said["overrun"] = 1
        rows = [(row % BY_HEAD, row // BY_HEAD) for row in walk.rows]
        self.entries = [(n, token, *row) for n, (token, row) in enumerate(zip(walk.chosen, rows, strict=True))]
        self.said = {**said, "position": walk.position, "chosen": len(walk.chosen)}
        self.program = [one.word() for one in program]
        self.prompt = np.zeros(-(-len(prompt) // 8) * 8, "<u4")
        self.prompt[: len(prompt)] = prompt
        self.arguments = {
            "program": rng.randrange(1 << 32), "instructions": length, "prompt": rng.randrange(1 << 32),
            "prompt_tokens": len(prompt), "position": position, "slot": request.slot,
            "logits_step": request.logits_step, "choices": request.count, "stop": 0, "end_tokens": len(request.ends),
            **{f"end_{n}": end for n, end in enumerate(ends)}, "seed": seed, "mask": mask, "same": int(batch > 0),
            "drafts": drafts, "drafts_source": request.source, "drafts_cost": request.draft_cost,
            **{f"position_{n}": place for n, (place, _) in enumerate(places) if n},
            **{f"slot_{n}": slot for n, (_, slot) in enumerate(places) if n},
        }  # fmt: skip
        assert self.arguments.keys() == run_words(config).keys()
        self.fetched = [(self.arguments["program"], length), (self.arguments["prompt"], len(self.prompt) // 8)]


def walk_through(simulation, one, kinds=("never", "never"), seed=0):
    """One Run through the bench; the record."""
    words = one.program[: one.arguments["instructions"]]
    words += [int.from_bytes(word.tobytes(), "little") for word in one.prompt.reshape(-1, 8)]
    used = len(words)
    counts = {"sink": used, "source": len(one.words), "source_entry": len(one.entries)}
    gaps = {name: gap_array(kinds[name != "sink"], count, seed) for name, count in counts.items()}
    run = simulation.run(
        {"sink": words_of_integers(words), "sink_run": {name: [value] for name, value in one.arguments.items()}},
        {"source": len(one.words), "source_entry": len(one.entries), "source_wanted": 2, "source_said": 1},
        gaps,
        record=True,
    )
    found = [int.from_bytes(word.tobytes(), "little") for word in run.outputs["source"]["word"]]
    assert found == one.words
    entries = run.outputs["source_entry"]
    names = ("index", "token", "place", "by_head")
    assert list(zip(*(entries[name].tolist() for name in names), strict=True)) == one.entries
    wanted = run.outputs["source_wanted"]
    assert list(zip(wanted["address"].tolist(), wanted["words"].tolist(), strict=True)) == one.fetched
    said = {name: int(value[0]) for name, value in run.outputs["source_said"].items()}
    if not one.said["illegal"]:
        said["unit"] = 0
    assert said == one.said
    return run


#: One row alone has no drafts.
SINGLE = dataclasses.replace(CONFIGS["tiny"], rows=1)


def random_run(rng, config):
    shape = random_shape(rng, config)
    batch = rng.choice([0, 0, rng.randint(2, min(config.rows, MOST_TOKENS))]) if config.rows > 1 else 0
    return Run(rng, config, random_program(rng, shape, batch), shape)


def drafting_run(rng, config):
    """One in which a draft of the head is right."""
    while True:
        one = random_run(rng, config)
        if any(place and by_head for *_, place, by_head in one.entries):
            return one


def pausing_run(rng, config):
    """One in which the head makes drafts, then none, then some again."""
    while True:
        one = random_run(rng, config)
        by_head = "".join(str(by_head) for _, _, place, by_head in one.entries if not place)
        if one.arguments["drafts_source"] == HEADS and re.search("10+1", by_head):
            return one


@pytest.mark.parametrize("name", CONFIGS)
@settings(max_examples=2, deadline=None)
@given(seed=st.integers(0, 1 << 32), kinds=st.tuples(*[st.sampled_from(["never", "random", "bursty"])] * 2))
def test_any_program(name, seed, kinds):
    rng = Random(seed)
    with open_simulation(walk_design(CONFIGS[name]), "myhdl") as simulation:
        walk_through(simulation, random_run(rng, CONFIGS[name]), kinds, seed % 1000)


@pytest.mark.parametrize("config", [*CONFIGS.values(), SINGLE], ids=[*CONFIGS, "one row"])
def test_hundreds_in_verilator(config):
    rng = Random(5)
    with open_simulation(walk_design(config), "verilator") as simulation:
        for number in range(200):
            kinds = rng.choices(["never", "random", "bursty"], k=2)
            walk_through(simulation, random_run(rng, config), kinds, number)


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_every_simulator_an_instruction_per_cycle(backend):
    """Between control's: a jump costs LEAP cycles, one that is not taken two."""
    shape = CacheShape(1 << 20, 0, HeadLanes(TINY.lanes, 0, 16 * TINY.atoms), 2 * TINY.atoms, 9, 1, True)
    plain = instruction("load", "slice", words=1)
    program = [
        pass_of(shape),
        *[plain] * 5,
        instruction("control", "repeat", target=1, count=2),
        plain,
        instruction("control", "jump", target=10),
        plain,
        plain,
        instruction("control", "jump", target=13, when=WHEN.index("capped")),
        plain,
        instruction("control", "next", target=0),
        instruction("control", "end"),
    ]
    rng = Random(6)
    one = Run(rng, TINY, program, shape)
    with open_simulation(walk_design(TINY), backend) as simulation:
        walk_through(simulation, one, ("random", "random"))
        run = walk_through(simulation, one)
        walk_through(simulation, random_run(rng, TINY), ("bursty", "random"))
        walk_through(simulation, drafting_run(rng, TINY), ("random", "bursty"))
        walk_through(simulation, pausing_run(rng, TINY), ("bursty", "bursty"))
    steps = np.diff(run.transfers["source"]).reshape(-1)
    once = [1, 1, 1, 1, 1 + LEAP, 1, 1, 1, 1, 3, 1 + LEAP, 3]
    for first in range(0, len(steps), len(once) + 1):
        assert steps[first : first + len(once)].tolist() == once


@pytest.mark.parametrize("backend", ["myhdl", "verilator"])
def test_programs_that_fail(backend):
    """What was before has reached the units; the next run is as any."""
    rng = Random(7)
    with open_simulation(walk_design(TINY), backend) as simulation:
        for number in range(60 if backend == "verilator" else 6):
            kinds, shape = rng.choices(["never", "random", "bursty"], k=2), random_shape(rng, TINY)
            program = [pass_of(shape), *[for_a_unit(rng) for _ in range(rng.randint(0, 9))]]
            one = Run(rng, TINY, [*program, program[0]], shape, length=len(program))
            assert one.said["overrun"]
            walk_through(simulation, one, kinds, number)
            unit = rng.randrange(8)
            one.program = [*one.program[:-1], 31 << 3 | unit, 0]
            one.arguments["instructions"] += 2
            one.fetched[0] = (one.arguments["program"], one.arguments["instructions"])
            one.said |= {"overrun": 0, "illegal": 1, "unit": unit}
            walk_through(simulation, one, kinds, number)
            walk_through(simulation, random_run(rng, TINY), kinds, number)


def test_levels():
    """With most rows; those of presets are in tests/rtl/test_depth.py."""
    assert max(depths(walk_design(CONFIGS["sixteen rows"])).values()) <= 9


def test_a_single_row_converts(tmp_path):
    """It has no drafts."""
    convert(walk_design(dataclasses.replace(TINY, rows=1, packed=0)), "verilog", tmp_path)
