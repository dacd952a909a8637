"""The vector unit's instructions, a row each: all else about them follows from it.

The code of an instruction is its place in ``INSTRUCTIONS``. A new one is a row here, a method of the golden machine,
and a datapath if it computes what none has computed yet (docs/add_an_instruction.md).
"""

from dataclasses import dataclass, field

from myhdl_acc.rtl.vector.arith import rms_square, rms_unit
from myhdl_acc.rtl.vector.unit import latencies as chain
from myhdl_acc.rtl.vector.unit import rope_column
from myhdl_acc.rtl.vector.unit.datapaths import DATAPATHS
from myhdl_acc.rtl.vector.unit.flags import (
    CHANNEL,
    FLAGS,
    LARGEST,
    LEVEL,
    MAGNITUDE,
    MIX,
    NORM,
    NUMERATOR,
    PEAK,
    RANGE,
    SCALES,
    SCORE,
    SQUARE,
    TOKEN,
    TOKENS,
    VALUE,
)

#: ``kind``: what an instruction is for, as figures show it.
HIDDEN, QUANTISATION, ROTATION, ATTENTION, PRODUCT = (
    "the hidden state, norms",
    "quantisation",
    "rotation, ranges",
    "attention",
    "a product's results",
)


@dataclass(frozen=True)
class VectorInstruction:
    """``fields`` of isa.py that it uses beside ``post``; what it ``does`` in its pass and ``then`` after
    it, in Markdown; its ``kind``; its ``flags`` (FLAGS).

    ``value``: the datapath (DATAPATHS) of what goes to memory and into the statistics, which also sets ``latency``.
    ``latency``: cycles from its operands to its value in a column, ``one_lane`` where the only column has both elements
    of a pair; ``prepare``: cycles that scales need before a pass may begin.
    """

    fields: str
    does: str
    then: str
    kind: str
    flags: dict = field(default_factory=dict)
    value: str | None = None
    latency: int | None = None
    one_lane: int | None = None
    prepare: int = 0

    def __post_init__(self):
        if self.latency is None:
            object.__setattr__(self, "latency", DATAPATHS[self.value].latency if self.value else 0)

    def flag(self, name):
        """A flag's value."""
        if name == "select" and self.value:
            return list(DATAPATHS).index(self.value)
        return self.flags.get(name, 0)

    def word(self):
        """The flags as an integer."""
        return sum(self.flag(name) << first for name, (first, _) in FLAGS.items())

    def latency_with(self, lanes):
        """Cycles from the lane's result to its value, in a column of one of ``lanes`` lanes: L of docs/vector.md."""
        return chain.READ + (self.one_lane if lanes == 1 and self.one_lane is not None else self.latency)

    @property
    def passes(self):
        """It has a pass over indices."""
        return not (self.flag("makes_angle") or self.flag("selects"))

    @property
    def head_wait(self):
        """Cycles from the last head's last value until all that is made of it is in the table, less the butterfly's."""
        if self.flag("from_range"):
            return chain.COUNTED + chain.RANGE
        return chain.COUNTED - 1 + (0 if self.flag("activation") else chain.STEP)

    @property
    def reduces_always(self):
        """Its statistic is joined over the columns after every pass, not only after the last one."""
        return self.flag("after") == PEAK


_REQUANTISE = {"result": 1, "path": CHANNEL, "writes": 1}
_PEAK = {"track_high": 1, "high_of": MAGNITUDE, "after": PEAK}
_OF_RANGE = {
    "writes": 1, "track_high": 1, "high_of": RANGE, "segmented": 1, "slow": 1, "from_range": 1,
}  # fmt: skip
_OF_TOKENS = {"alive_mode": TOKENS, "track_high": 1}

INSTRUCTIONS = {
    "embed": VectorInstruction(
        "first row dst count",
        "M[dst+i] = R.parameter as int32, in rows ≥ `row` only (peak too)",
        "peak = max abs, over all",
        HIDDEN,
        {"result": 1, "from_row": 1, "writes": 1, **_PEAK},
        value="parameter",
    ),
    "add": VectorInstruction(
        "first src dst count",
        "M[dst+i] = residual_add(M[src+i], requantise(R.sum, A·R.scale))",
        "peak",
        HIDDEN,
        {**_REQUANTISE, **_PEAK},
        value="added",
    ),
    "requantise": VectorInstruction(
        "row dst count",
        "M[dst+i] = requantise(R.sum, A·R.scale), in rows ≥ `row` only",
        "–",
        PRODUCT,
        {**_REQUANTISE, "from_row": 1},
        value="requantised",
    ),
    "silu": VectorInstruction(
        "first src dst count",
        "M[dst+i] = silu_mul(M[src+i], requantise(R.sum, A·R.scale))",
        "peak",
        PRODUCT,
        {**_REQUANTISE, **_PEAK},
        value="gated",
    ),
    "norm": VectorInstruction(
        "first last src dst count eps",
        ("M[dst+i] = rms_gain(u, R.parameter), u = M[src+i] shifted by the peak's `drop`; total += u²; `eps`"),
        "peak of what was written; the norm's factor, from the total",
        HIDDEN,
        {"result": 1, "writes": 1, **_PEAK, "track_total": 1, "addend": SQUARE, "after": NORM},
        value="normed",
    ),
    "quantise": VectorInstruction(
        "scaled src dst count",
        "activation buffer, element i of dst = int8 of M[src+i]; step from the peak",
        "A = step, with `scaled` times the norm's factor",
        QUANTISATION,
        {"activation": 1, "step": 1},
        latency=chain.LEVEL,
        prepare=chain.PREPARE_STEP,
    ),
    "angle": VectorInstruction(
        "bank row position increment pair",
        (
            "cos, sin of `position` for pair `pair` with `increment` into the rope table's `bank` (0 near, 1 "
            "far), rows ≥ `row`"
        ),
        "",
        ROTATION,
        {"makes_angle": 1},
    ),
    "rope": VectorInstruction(
        "bank src dst count dims entry",
        "M[dst+i] = M[src+i] rotated, `bank`; per head (dims/lanes indices): peak",
        "table entry `entry` + head: step, inverse",
        ROTATION,
        {"writes": 1, "track_high": 1, "high_of": MAGNITUDE, "segmented": 1},
        one_lane=rope_column.LATENCY,
        value="rotated",
    ),
    "rope_key": VectorInstruction(
        "bank src dst count dims entry",
        "the same with least and largest of each head",
        "entry: step, inverse, zero",
        ROTATION,
        {**_OF_RANGE},
        one_lane=rope_column.SLOW_LATENCY,
        value="rotated",
    ),
    "range": VectorInstruction(
        "src count dims entry",
        "per head least and largest of M[src+i], nothing written (values)",
        "as `rope_key`",
        ROTATION,
        {**_OF_RANGE, "writes": 0},
        value="operand",
    ),
    "quantise_query": VectorInstruction(
        "src dst count dims entry",
        "activation buffer, element i of dst = int8 of M[src+i] by its head's entry",
        "entry: Σq",
        QUANTISATION,
        {"activation": 1, "use_table": 1, "segmented": 1, "track_total": 1, "addend": LEVEL},
        latency=chain.LEVEL,
    ),
    "quantise_kv": VectorInstruction(
        "src dst count dims entry",
        "the same, int4 by entry's zero and inverse",
        "",
        QUANTISATION,
        {"activation": 1, "use_table": 1, "segmented": 1, "narrow": 1},
        latency=chain.LEVEL,
    ),
    "select": VectorInstruction(
        "heads_log2 heads entry stride exponent mantissa",
        "column c takes entry `entry + min(c mod P, heads−1)·stride`: its query step · `constant`, its Σq",
        "",
        ROTATION,
        {"selects": 1},
    ),
    "scores": VectorInstruction(
        "first last part cut own spare wrap alone heads_log2 row src dst count new filled sinks",
        (
            "M[dst+i] = attention_scores(R.sum, …, R.parameter) where valid; max over valid tokens, and max of the "
            "bound with the step of V[dst−src+i]"
        ),
        "both over the lanes of the head; the softmax's reference, the weights' step",
        ATTENTION,
        {
            "result": 1,
            "path": SCORE,
            "writes": 1,
            "gated": 1,
            **_OF_TOKENS,
            "high_of": VALUE,
            "after": LARGEST,
        },
        value="requantised",
    ),
    "values": VectorInstruction(
        "part alone dst count",
        "value parameters: V[dst+i] = R.parameter",
        "–",
        ATTENTION,
        {"result": 1, "writes_values": 1},
    ),
    "softmax": VectorInstruction(
        "first last part cut own spare wrap alone heads_log2 row src count new value_src filled sinks",
        (
            "p = 2^(M[src+i] − reference), 0 if not valid; total += p; int8 weight of p with the step of "
            "V[value_src+i] to the lane's slices, whole ones; correction += weight·zero of V[value_src+i]"
        ),
        "total, correction over the lanes of the head; per column: output scale",
        ATTENTION,
        {
            "alive_mode": TOKENS,
            "weighs": 1,
            "push_byte": 1,
            "track_total": 1,
            "addend": NUMERATOR,
            "after": SCALES,
        },
        latency=chain.WEIGHTED,
    ),
    "mix": VectorInstruction(
        "first own heads_log2 row dst count",
        (
            "M[dst+i] = attention_output of R.sum added over the lanes of the head, in rows ≥ `row` only, or with "
            "`own` in row `row` only (peak too)"
        ),
        "peak over all columns",
        ATTENTION,
        {"result": 1, "from_row": 1, "path": MIX, "writes": 1, **_PEAK},
        value="requantised",
    ),
    "gather": VectorInstruction(
        "shared heads row src dst count dims stride",
        (
            "quantise M[src+i], i < `count` = dims, of column c < heads to activation buffer word dst + "
            "c·`stride` + i/32; step from the peak. With `shared` the peak is the rows' largest, and all rows get "
            "the words of rows r ≤ `row`, at dst + (r·heads + c)·`stride` + i/32"
        ),
        "A = step",
        ATTENTION,
        {"push_byte": 1, "step": 1},
        latency=chain.LEVEL,
        prepare=chain.PREPARE_STEP,
    ),
    "logits": VectorInstruction(
        "first last heads row count address",
        (
            "y = requantise(R.sum, A·R.scale), beat_bits/32 to a beat of the column's lane, row `row`'s written "
            "to beat address `address` on, the last beat filled up with zeros; running argmax of every row, of y with "
            "the noise of the row's next position if the register `temperature` is not 0"
        ),
        "token = index of the largest, the lowest among equals",
        PRODUCT,
        {"result": 1, "path": CHANNEL, "after": TOKEN},
        value="requantised",
    ),
    "bias": VectorInstruction(
        "row dst count",
        "M[dst+i] = R.parameter as int32, in rows ≥ `row` only; no peak",
        "–",
        PRODUCT,
        {"result": 1, "writes": 1, "from_row": 1},
        value="parameter",
    ),
    "offset": VectorInstruction(
        "row src dst count",
        "M[dst+i] = residual_add(M[src+i], requantise(R.sum, A·R.scale)), in rows ≥ `row` only; no peak",
        "–",
        PRODUCT,
        {**_REQUANTISE, "from_row": 1},
        value="added",
    ),
    "head_peak": VectorInstruction(
        "src count dims entry",
        "per head peak of M[src+i], nothing written",
        "table entry: step, inverse, drop",
        HIDDEN,
        {"track_high": 1, "high_of": MAGNITUDE, "segmented": 1},
        value="operand",
    ),
    "head_square": VectorInstruction(
        "src count dims entry eps",
        "per head total of u², u = M[src+i] shifted by its entry's drop; `eps`",
        "entry: the norm's inverse and places, nothing else; the factor is lost",
        HIDDEN,
        {"use_table": 1, "segmented": 1, "track_total": 1, "addend": SQUARE, "from_squares": 1},
        latency=rms_unit.LATENCY + rms_square.LATENCY,
    ),
    "head_norm": VectorInstruction(
        "src dst count dims entry",
        "M[dst+i] = rms_gain(M[src+i]/‖head‖ by its entry, R.parameter)",
        "–",
        HIDDEN,
        {"result": 1, "writes": 1, "use_table": 1, "by_length": 1},
        value="normed",
    ),
}
#: Cycles that a value may take in a column.
LONGEST = max(row.latency_with(2) for row in INSTRUCTIONS.values())
