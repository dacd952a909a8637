"""What the tests of read_issue and engine_issue share: instructions with random fields, and what ``idle`` must be."""

import numpy as np

from myhdl_acc.rtl.control.instruction import Instruction
from myhdl_acc.rtl.control.isa import FIELDS, OPS


def random_instructions(unit, count, seed, limits=None):
    """Instructions of a unit with random fields, one value in four the largest; ``limits``: widths of some fields."""
    rng = np.random.default_rng(seed)
    widths = {name: (limits or {}).get(name, width) for name, (_, width) in FIELDS[unit].items()}

    def value(width):
        largest = (1 << width) - 1
        return largest if rng.random() < 0.25 else int(rng.integers(0, largest, endpoint=True))

    return [
        Instruction(unit, str(rng.choice(OPS[unit])), {name: value(width) for name, width in widths.items()})
        for _ in range(count)
    ]


def as_words(instructions):
    return words_of_integers([instruction.word() for instruction in instructions])


def words_of_integers(words):
    """256-bit words as a stream's."""
    data = b"".join(word.to_bytes(32, "little") for word in words)
    return {"word": np.frombuffer(data, np.uint8).reshape(-1, 32)}


def patterns(backend):
    return ("full_speed", "random", "bursty") if backend == "myhdl" else ("random",)


def check_speed(run, sources, latency):
    for source in sources:
        assert (run.transfers[source] - run.transfers["sink"] == latency).all()
        assert (np.diff(run.transfers[source]) == 1).all()


def check_idle(run, sources):
    """``idle`` is low exactly in the cycles in which an instruction is held: from the one after its transfer at the
    sink to that of its last transfer at a source."""
    idle = np.concatenate(
        [
            np.full(event.cycle_end - event.cycle_start, event.state == "value:1")
            for event in run.events
            if event.unit == "idle"
        ]
    )
    held = np.zeros(run.cycles, bool)
    last = np.max([run.transfers[source] for source in sources], axis=0)
    for first, end in zip(run.transfers["sink"], last, strict=True):
        held[first + 1 : end + 1] = True
    assert (idle == ~held).all()
