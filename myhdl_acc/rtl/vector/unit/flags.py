"""What an instruction asks of the vector unit beyond its fields: a word of flags, and the values that they have."""

#: ``select``: what is an operation's value.
PARAMETER, REQUANTISED, ADDED, GATED, NORMED, ROTATED, OPERAND, WEIGHTED = range(8)
#: ``path``: what is requantised.
CHANNEL, SCORE, MIX = range(3)
#: ``alive_mode``: which tokens count: all, or those whose slots are filled.
ALL, TOKENS = range(2)
#: ``high_of``: whose largest is kept; RANGE includes 0.
MAGNITUDE, VALUE, RANGE, NEGATED_EXPONENT = range(4)
#: ``addend``: what adds up.
SQUARE, NUMERATOR, ZERO_POINT, LEVEL = range(4)
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
    "makes_angle": (31, 1),  # no pass: cosine and sine of an angle
    "selects": (32, 1),  # no pass: each column takes its head's query
}
FLAG_BITS = max(first + width for first, width in FLAGS.values())

#: What the columns are told: of all, and of their statistics.
COLUMN_FLAGS = (
    "writes", "writes_values", "gated", "alive_mode", "select", "path", "own_scale", "narrow", "push_byte",
)  # fmt: skip
STATISTIC_FLAGS = ("track_high", "high_of", "track_low", "track_total", "addend")


def flag_widths(names):
    """Fields of a Record of these flags."""
    return {name: FLAGS[name][1] for name in names}
