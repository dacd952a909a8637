"""What each instruction of the vector unit asks of its columns: one word of flags per operation."""

from myhdl_acc.control.isa import OPS
from myhdl_acc.vector import row
from myhdl_acc.vector.column_control import (
    ADDED,
    ALL,
    CHANNEL,
    GATED,
    LEVEL,
    MAGNITUDE,
    MIX,
    NEGATED_EXPONENT,
    NORMED,
    NUMERATOR,
    OPERAND,
    PARAMETER,
    RANGE,
    REQUANTISED,
    ROTATED,
    SCORE,
    SQUARE,
    TOKENS,
    VALUE,
    WEIGHTED,
    ZERO_POINT,
)
from myhdl_acc.vector.latencies import latency

#: ``after``: what follows a pass that is the last of its statistic.
NOTHING, PEAK, SUM, LARGEST, LEAST, SCALES, CORRECTION, TOKEN = range(8)

#: Flags: name → (first bit, width).
FLAGS = {
    "result": (0, 1),  # takes a result word per index
    "writes": (1, 1),  # its value goes to memory …
    "writes_values": (2, 1),  # … or its parameter to the values' memory
    "gated": (3, 1),  # only where the column counts
    "alive_mode": (4, 1),
    "from_row": (5, 1),  # concerns the rows from the instruction's on
    "select": (6, 3),
    "path": (9, 2),
    "track_high": (11, 1),
    "high_of": (12, 2),
    "track_low": (14, 1),
    "track_total": (15, 1),
    "addend": (16, 2),
    "own_scale": (18, 1),
    "narrow": (19, 1),
    "activation": (20, 1),  # its levels go to the activation buffer
    "push_byte": (21, 1),
    "use_table": (22, 1),
    "segmented": (23, 1),  # a statistic per head
    "slow": (24, 1),  # an index every other cycle: two reductions per head
    "from_range": (25, 1),
    "after": (26, 3),
    "step": (29, 1),  # ends with a new step of the activations
    "from_squares": (30, 1),  # a head's total is one of squares: its norm goes to the table
}

#: What the columns are told, with every index.
COLUMN_FLAGS = (
    "writes", "writes_values", "gated", "alive_mode", "select", "path", "track_high", "high_of", "track_low",
    "track_total", "addend", "own_scale", "narrow", "push_byte",
)  # fmt: skip

_REQUANTISE = {"result": 1, "path": CHANNEL, "writes": 1}
_PEAK = {"track_high": 1, "high_of": MAGNITUDE, "after": PEAK}
_OF_RANGE = {
    "writes": 1, "track_high": 1, "high_of": RANGE, "track_low": 1, "segmented": 1, "slow": 1, "from_range": 1,
}  # fmt: skip
_OF_TOKENS = {"alive_mode": TOKENS, "track_high": 1}
_OPERATIONS = {
    "embed": {"result": 1, "from_row": 1, "writes": 1, "select": PARAMETER, **_PEAK},
    "add": {**_REQUANTISE, "select": ADDED, **_PEAK},
    "requantise": {**_REQUANTISE, "select": REQUANTISED},
    "silu": {**_REQUANTISE, "select": GATED, **_PEAK},
    "square": {"track_total": 1, "addend": SQUARE, "after": SUM},
    "norm": {"result": 1, "writes": 1, "select": NORMED, **_PEAK},
    "quantise": {"activation": 1, "step": 1},
    "angle": {},
    "rope": {"writes": 1, "select": ROTATED, "track_high": 1, "high_of": MAGNITUDE, "segmented": 1},
    "rope_key": {**_OF_RANGE, "select": ROTATED},
    "range": {**_OF_RANGE, "writes": 0, "select": OPERAND},
    "quantise_query": {"activation": 1, "use_table": 1, "segmented": 1, "track_total": 1, "addend": LEVEL},
    "quantise_kv": {"activation": 1, "use_table": 1, "segmented": 1, "narrow": 1},
    "select": {},
    "scores": {
        "result": 1, "path": SCORE, "writes": 1, "gated": 1, "select": REQUANTISED, **_OF_TOKENS, "high_of": VALUE,
        "after": LARGEST,
    },
    "values": {"result": 1, "writes_values": 1, **_OF_TOKENS, "high_of": NEGATED_EXPONENT, "after": LEAST},
    "softmax": {
        "writes": 1, "select": WEIGHTED, **_OF_TOKENS, "high_of": MAGNITUDE, "track_total": 1, "addend": NUMERATOR,
        "after": SCALES,
    },
    "weights": {
        "alive_mode": TOKENS, "own_scale": 1, "push_byte": 1, "track_total": 1, "addend": ZERO_POINT,
        "after": CORRECTION,
    },
    "mix": {
        "result": 1, "path": MIX, "writes": 1, "select": REQUANTISED, **_PEAK,
    },
    "gather": {"push_byte": 1, "step": 1},
    "logits": {"result": 1, "path": CHANNEL, "select": REQUANTISED, "after": TOKEN},
    "bias": {"result": 1, "writes": 1, "select": PARAMETER},
    "offset": {**_REQUANTISE, "select": ADDED},
    "head_peak": {"select": OPERAND, "track_high": 1, "high_of": MAGNITUDE, "segmented": 1},
    "head_square": {"use_table": 1, "segmented": 1, "track_total": 1, "addend": SQUARE, "from_squares": 1},
    "head_norm": {"result": 1, "writes": 1, "select": NORMED, "use_table": 1},
}  # fmt: skip
assert ALL == 0


def _word(flags):
    return sum(value << FLAGS[name][0] for name, value in flags.items())


#: By op code.
WORDS = tuple(_word(_OPERATIONS[op]) for op in OPS["vector"])
#: Cycles that scales need before a pass may begin; one for what is registered on the way to the columns.
_PREPARE = {"square": row.NORM, "norm": row.NORM, "quantise": row.STEP, "gather": row.STEP}
PREPARE = tuple(1 + _PREPARE.get(op, 0) for op in OPS["vector"])


def latencies(lanes):
    """By op code."""
    return tuple(latency(op, lanes) for op in OPS["vector"])
