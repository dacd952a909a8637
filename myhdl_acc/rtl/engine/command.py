"""What the engine is told: commands, stationary loads and their streams."""

from myhdl_acc.hdl.stream.stream import Stream

#: Operation kinds by their code in a command.
W2, W4, W8, QK, PV, META = range(6)
#: The kinds that compute.
MODES = {"w2": W2, "w4": W4, "w8": W8, "qk": QK, "pv": PV}
#: Bits of a lane's number.
LANE_BITS = 5


def command_stream(config):
    """One word per operation; see docs/engine.md for the loop nest.

    ``mode``: a code of MODES, or META; ``outer``, ``middle``: loop counts (``middle`` ≤ acc_depth); ``inner``: loop
    count minus one; ``split``: a beat holds two outputs; ``params``: parameter beats that come first (at most
    ``config.parameter_beats``; at least 1 for META). ``patch``: PATCH_KEY or PATCH_VALUE: row r's new token, for r <
    ``tokens``, is in slot ``slot`` + r of a cache whose heads take 2**``heads_log2`` lanes, and the operation's first
    beat comes from beat address ``base``, those behind the parameters ``skip`` further on; ``release``: the patch
    buffer is free afterwards. ``more``: the next command, as many sums of PV, adds to these, and gives them.
    """
    return Stream(
        mode=3, outer=16, middle=config.acc_depth.bit_length(), inner=2, split=1, params=16,
        patch=2, release=1, more=1, heads_log2=4, slot=32, tokens=4, base=32, skip=16,
    )  # fmt: skip


def load_stream(config):
    """A word for the lanes. ``lane`` counts down to the lane that takes it, and then from ``again`` on to the next one,
    if that is not 0; ``broadcast``: all take it.

    ``kind``: SLICE: 32 int8 activations of one atom for every row, row 0 in the low bits; ``atoms`` words, atom 0
    first, make a slice. NEW_KEY, NEW_VALUE: see patch_buffer.
    """
    number = max(2, (config.lanes - 1).bit_length())
    return Stream(lane=number, again=number, broadcast=1, kind=2, data=config.load_bits)


def weights_stream(config):
    """A slice's words for one lane alone, as in load_stream."""
    return Stream(data=config.load_bits)


def beat_stream(config):
    """A lane's stream from memory: one beat per word."""
    return Stream(data=config.beat_bits)


def write_stream(config):
    """A beat that goes back to a lane's memory. ``address`` counts beats."""
    return Stream(address=32, data=config.beat_bits)


def result_stream(config):
    """Finished sums: ``lanes`` × ``rows`` two's-complement numbers of ``acc_bits``; lane-major, row 0 lowest.

    ``parameter``: a word of 32 bits per lane, lane 0 lowest. ``last`` marks the final word of an operation.
    """
    return Stream(data=config.lanes * config.rows * config.acc_bits, parameter=config.lanes * 32, last=1)
