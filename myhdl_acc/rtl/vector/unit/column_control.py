"""What the columns are told: one broadcast for all of them, and the scales that a row's columns share."""

from myhdl import Signal, intbv

from myhdl_acc.hdl.stream.stream import signed

#: Bits of what the butterfly carries: sums of squares of 2^13 elements, and every other sum and maximum.
REDUCTION_BITS = 49
#: What ``select`` gives to memory: an operation's value.
PARAMETER, REQUANTISED, ADDED, GATED, NORMED, ROTATED, OPERAND, WEIGHTED = range(8)
#: ``path``: what is requantised.
CHANNEL, SCORE, MIX = range(3)
#: ``alive_mode``: which tokens count: all, or those whose slots are filled.
ALL, TOKENS = range(2)
#: ``high_of``: whose largest is kept; RANGE includes 0.
MAGNITUDE, VALUE, RANGE, NEGATED_EXPONENT = range(4)
#: ``addend``: what adds up in ``total``.
SQUARE, NUMERATOR, ZERO_POINT, LEVEL = range(4)
#: ``reduce``: what goes into the butterfly.
HIGH, NEGATED_LOW, TOTAL, SUM = range(4)


class ColumnControl:
    """Broadcast to all columns. ``issue`` begins an index (stage 0): memories are read at ``address`` and
    ``value_address``, the results' words taken. ``commit`` comes ``latency`` + 1 cycles later, when the operation's
    value is there: it goes to ``destination`` and into the statistics, which begin anew with ``fresh``. ``capture_…``:
    the butterfly shows what the column has to keep. ``shift_…``: the columns' registers move towards column 0.
    """

    def __init__(self, config):
        address_bits = (config.vector_depth - 1).bit_length()
        for name in (
            "issue",
            "commit",
            "fresh",
            "writes",
            "writes_values",
            "gated",
            "track_high",
            "track_low",
            "track_total",
            "own_scale",
            "narrow",
            "push_byte",
            "shift_word",
            "shift_statistics",
            "shift_query",
            "shift_weight",
            "capture_largest",
            "capture_least",
            "first",
            "capture_peak",
            "capture_total",
            "capture_correction",
        ):
            setattr(self, name, Signal(bool(0)))
        for name in ("address", "destination"):
            setattr(self, name, Signal(intbv(0)[address_bits:]))
        for name in ("value_address", "value_destination"):
            setattr(self, name, Signal(intbv(0)[address_bits - 1 :]))
        self.select = Signal(intbv(0)[3:])
        self.alive_mode = Signal(bool(0))
        for name in ("path", "high_of", "addend", "reduce", "part"):
            setattr(self, name, Signal(intbv(0)[2:]))
        self.latency = Signal(intbv(0)[6:])
        self.slot = Signal(intbv(0)[32:])  #: of the token, as if its lane were the first of its head
        self.sinks = Signal(intbv(0)[16:])
        self.heads_log2 = Signal(intbv(0)[4:])


class RowScales:
    """What all columns of a row share: the activations' step A, rms_norm's ``drop``, ``inverse`` and ``places``, γ's
    ``exponent``, the quantiser's inverse and zero point, the number of slots that hold a token (``limit``), and whether
    the row takes part (``enabled``)."""

    def __init__(self):
        for name in ("step", "quantiser"):
            setattr(self, f"{name}_mantissa", Signal(intbv(0)[16:]))
            setattr(self, f"{name}_exponent", Signal(signed(10)))
        self.drop = Signal(intbv(0)[4:])
        self.inverse = Signal(intbv(0)[17:])
        self.places = Signal(signed(7))
        self.exponent = Signal(signed(10))
        self.zero = Signal(signed(8))
        self.limit = Signal(intbv(0)[32:])
        self.enabled = Signal(bool(0))


#: ``scalar_source``: of which peak the quantiser's step is made.
ROW_PEAK, SEGMENT_PEAK, COLUMN_PEAK = range(3)


class RowControl:
    """Broadcast to all rows: the butterfly's kind, what the row keeps of it, the head table, the rotation's table."""

    def __init__(self, config):
        for name in (
            "maximum",
            "capture_peak",
            "capture_total",
            "capture_step",
            "capture_high",
            "write_scales",
            "write_sum",
            "from_range",
            "from_squares",
            "use_table",
            "write_angle",
            "from_row",
            "first",
        ):
            setattr(self, name, Signal(bool(0)))
        self.first_stage = Signal(intbv(0)[3:])
        self.scalar_source = Signal(intbv(0)[2:])
        self.eps = Signal(intbv(0)[48:])
        self.exponent = Signal(signed(10))
        self.constant_mantissa = Signal(intbv(0)[16:])
        self.constant_exponent = Signal(signed(10))
        self.entry = Signal(intbv(0)[8:])
        self.written = Signal(intbv(0)[8:])
        self.filled = Signal(intbv(0)[32:])
        self.cosine, self.sine = Signal(signed(18)), Signal(signed(18))
        self.row = Signal(intbv(0)[4:])
        self.angle_pair = Signal(intbv(0)[max(1, (pairs(config.lanes) - 1).bit_length()) :])
        self.angle_written = Signal(intbv(0)[angle_bits(config) :])
        self.angle_read = Signal(intbv(0)[angle_bits(config) :])


def angle_bits(config):
    """Address bits of a pair of columns' rotation table: the indices of the longest head, twice (near and far)."""
    return max(2, (2 * 16 * config.atoms // config.lanes - 1).bit_length())


def pairs(lanes):
    """Rotations in a row: one for two neighbouring columns, or for the only one."""
    return max(1, lanes // 2)
