"""What an instruction asks of the vector unit beyond its fields: a word of flags, and the values that they have."""

from itertools import accumulate

from myhdl_acc.rtl.vector.unit.datapaths import DATAPATHS

#: ``path``: what is requantised.
CHANNEL, SCORE, MIX = range(3)
#: ``alive_mode``: which tokens count: all, or those whose slots are filled.
ALL, TOKENS = range(2)
#: ``high_of``: whose largest is kept; RANGE includes 0. With that of the VALUE, a score, goes the largest bound.
MAGNITUDE, VALUE, RANGE = range(3)
#: ``addend``: what adds up. With NUMERATOR go the weights times their zero points.
SQUARE, NUMERATOR, LEVEL = range(3)
#: ``after``: what follows a pass that is the last of its statistic. After a NORM comes the peak, then the squares' sum.
NOTHING, PEAK, NORM, LARGEST, SCALES, TOKEN = range(6)

#: Widths of the flags, from bit 0 of the word on.
_WIDTHS = {
    "result": 1,  # takes a result word per index
    "writes": 1,  # its value goes to memory …
    "writes_values": 1,  # … or its parameter to the values' memory
    "gated": 1,  # only where the column counts
    "alive_mode": 1,
    "from_row": 1,  # concerns the rows from the instruction's on
    "select": (len(DATAPATHS) - 1).bit_length(),  # which datapath makes its value
    "path": 2,
    "track_high": 1,
    "high_of": 2,
    "track_total": 1,
    "addend": 2,
    "weighs": 1,  # its levels are the softmax's weights
    "narrow": 1,
    "activation": 1,  # its levels go to the activation buffer
    "push_byte": 1,
    "use_table": 1,
    "segmented": 1,  # a statistic per head
    "slow": 1,  # an index every other cycle: two reductions per head
    "from_range": 1,
    "after": 3,
    "step": 1,  # ends with a new step of the activations
    "by_length": 1,  # divides a head by its length
    "from_squares": 1,  # a head's total is one of squares: its norm goes to the table
    "makes_angle": 1,  # no pass: cosine and sine of an angle
    "selects": 1,  # no pass: each column takes its head's query
}
#: Flags: name → (first bit, width).
FLAGS = dict(zip(_WIDTHS, zip(accumulate([0, *_WIDTHS.values()]), _WIDTHS.values(), strict=False), strict=True))
FLAG_BITS = max(first + width for first, width in FLAGS.values())

#: What the columns are told: of all, and of their statistics.
COLUMN_FLAGS = (
    "writes", "writes_values", "gated", "alive_mode", "select", "path", "weighs", "narrow", "push_byte",
)  # fmt: skip
STATISTIC_FLAGS = ("track_high", "high_of", "track_total", "addend")


def flag_widths(names):
    """Fields of a Record of these flags."""
    return {name: FLAGS[name][1] for name in names}
