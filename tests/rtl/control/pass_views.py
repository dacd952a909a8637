"""Random passes and resident instructions, and what golden says of them."""

import dataclasses

from golden.lambda_attention import LambdaRule
from golden.layout import HeadLanes
from golden.machine.text import MOST_TOKENS
from golden.units.cache_view import MARKS, CacheShape, cache_view
from golden.units.resolve import NEW, WHEN
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.control.instruction import Instruction
from myhdl_acc.rtl.control.isa import FIELDS, OPS, RESIDENT
from myhdl_acc.rtl.vector.unit.instructions import INSTRUCTIONS

_TINY = AcceleratorConfig.preset("tiny")
CONFIGS = {
    "tiny": _TINY,
    "one lane": dataclasses.replace(_TINY, lanes=1, rows=4),
    "sixteen rows": dataclasses.replace(_TINY, lanes=8, rows=16, beat_bits=256),
    "u280": dataclasses.replace(AcceleratorConfig.preset("u280"), rows=14),
}
MOST_POSITION = (1 << 31) - 1


def random_shape(rng, config):
    """A CacheShape that a model on ``config`` may have; ``rng``: random.Random."""
    lanes = HeadLanes(config.lanes, rng.randrange(config.lanes.bit_length()), 16 * config.atoms)
    sinks = rng.choice([0, 1, 4, 33, rng.randrange(2000)])
    most = min((1 << 24) - 1, lanes.share * ((1 << 16) - lanes.block)) - sinks  # of the window
    turn = lanes.block * lanes.share
    window = rng.randint(*rng.choice([(1, 3 * turn), (3 * turn, 12 * turn), (1, most), (most, most)]))
    taps, renews = rng.choice([1, 2]), rng.random() < 0.8
    spare = rng.choice([0, min(config.rows, MOST_TOKENS) - 1, MOST_TOKENS])
    capacity = sinks + max(1, min(window, most - spare))
    return CacheShape(capacity, sinks, lanes, 2 * config.atoms, rng.randrange(16), taps, renews, spare)


def random_position(rng, shape):
    """A position near one where the cache looks different, or any."""
    turn = shape.lanes.block * shape.lanes.share
    around = rng.choice(
        [0, shape.capacity, shape.slots, shape.lanes.block, turn, shape.lanes.share << shape.chunk_log2]
    )
    near = max(0, around * rng.randint(1, 3) + rng.randint(-17, 17))
    return min(MOST_POSITION, rng.choice([near, near, rng.randrange(shape.capacity), rng.randint(0, MOST_POSITION)]))


def slot_of(shape, position):
    """Where the token at ``position`` is cached."""
    return int(LambdaRule(shape.sinks, shape.slots - shape.sinks).slot(position))


def golden_view(shape, position, left, rows):
    """The CacheView of the next pass when ``left`` tokens wait, and the fields of the RTL's."""
    count, slot = shape.pass_tokens(position, min(left, rows, MOST_TOKENS)), slot_of(shape, position)
    view = cache_view(shape, position, slot, count)
    following, behind = position + count, slot + count
    next_full = following >= shape.capacity
    fields = {
        "count": count, "last": view.last, "full": position >= shape.capacity, "capped": view.capped,
        "renews": view.renews, "spare": view.spare, "turn": view.marks["turn"],
        "filled": view.filled, "sinks": view.sinks, "place": view.place, "new": view.marks["new"],
        "new_end": view.marks["new_end"], "old_end": view.marks["old_end"], "end": view.marks["end"],
        "sinks_end": view.marks["sinks"], "next_full": next_full, "next_capped": next_full and shape.sinks > 0,
        "following": following, "next_slot": shape.sinks if behind == shape.slots else behind,
    }  # fmt: skip
    return view, {name: int(value) for name, value in fields.items()}


def random_instruction(rng, view, shape):
    """A resident instruction of any op with any fields; most have something to do in a pass with ``view``.

    An embedding is of no piece of the cache, and a vector instruction only if it has ``new``. Of fields that share bits
    those that the op uses are set.
    """
    (unit,) = rng.choices(("engine", "load", "vector"), (4, 1, 5))
    op = rng.choice(OPS[unit])
    if unit == "vector" and rng.random() < 0.8:
        op = rng.choice(["scores", "scores", "values", "values", "softmax", "softmax", "angle", "logits", "embed"])
    used = [name for name in INSTRUCTIONS[op].fields.split() if name in FIELDS[unit]] if unit == "vector" else []
    fields, taken = {}, 0
    for name in dict.fromkeys([*used, *FIELDS[unit]]):
        first, width = FIELDS[unit][name]
        most = (1 << width) - 1
        if name not in RESIDENT and not taken & most << first:
            taken |= most << first
            fields[name] = rng.choice([0, rng.randint(0, most), _mostly(rng, rng.randint(0, most), most)])
    for name in ("base", "address", "dst", "params"):  # most sums fit
        if name in fields:
            fields[name] >>= 1
    fields |= {name: 0 for name in ("filled", "sinks", "position", "exponent") if name in fields}
    if "row" in fields:
        fields["row"] = rng.randint(0, _mostly(rng, view.last, 15))
    if "part" in fields:
        fields["part"] = rng.randrange(3)
    fields["when"] = _mostly(rng, 0, rng.randrange(len(WHEN))) if op != "angle" else rng.randrange(len(WHEN))
    if unit == "engine":
        fields["layered"] = rng.randrange(2)
        fields["stride"] = _mostly(rng, 0, fields["stride"] >> 4)
    if unit != "engine" or not fields["stride"]:
        fields |= _piece(rng, view, shape)
    elif op == "pv":
        fields |= {"row": 0, **_piece(rng, view, shape)}
    if "part" in fields and rng.random() < 0.2:
        after, until = MARKS.index(rng.choice(["new", "turn"])), MARKS.index("new_end")
        fields |= {"part": NEW, "after": after, "until": until, "start": 0, "limit": 0}
    if unit == "vector" and op not in ("scores", "values", "softmax"):
        fields["until"] = 0
    return Instruction(unit, op, fields)


def _mostly(rng, usual, other):
    """``usual`` in two cases of three, else ``other``."""
    return usual if rng.random() < 2 / 3 else other


def _piece(rng, view, shape):
    """Fields of a piece of the cache, with its bounds where the pass has marks or anywhere; or of none."""
    if rng.random() < 0.15:
        return {}
    blocks = [0, *(mark // shape.lanes.block + step for mark in view.marks.values() for step in (0, 1))]
    start, limit = (min(1023, _mostly(rng, rng.choice(blocks), rng.randrange(1024))) for _ in range(2))
    return {
        "after": _mostly(rng, MARKS.index("none"), rng.randrange(len(MARKS))),
        "until": _mostly(rng, MARKS.index("end"), rng.randrange(1, len(MARKS))),
        "start": _mostly(rng, 0, start), "limit": _mostly(rng, 0, limit),
    }  # fmt: skip
