"""What the engine is told: commands, stationary loads and their streams."""

from myhdl_acc.stream.stream import Stream

#: Operation kinds by their code in a command.
W2, W4, W8, QK, PV = range(5)
MODES = {"w2": W2, "w4": W4, "w8": W8, "qk": QK, "pv": PV}


def command_stream(config):
    """One word per operation; see docs/engine.md for the loop nest.

    ``mode``: a code of MODES; ``outer``, ``middle``: loop counts (``middle`` ≤ acc_depth); ``inner``: loop count minus
    one; ``split``: a beat holds two outputs; ``reduce``: the lanes' results are added up instead of listed.
    """
    return Stream(mode=3, outer=16, middle=config.acc_depth.bit_length(), inner=2, split=1, reduce=1)


def load_stream(config):
    """A stationary word: 32 int8 activations of one atom for every row, row 0 in the low bits.

    ``atoms`` words, atom 0 first, make a slice. ``lane`` counts down to the lane that takes the word; ``broadcast``:
    all take it.
    """
    return Stream(lane=max(2, (config.lanes - 1).bit_length()), broadcast=1, data=config.load_bits)


def beat_stream(config):
    """A lane's stream from memory: one beat per word."""
    return Stream(data=config.beat_bits)


def result_stream(config):
    """Finished sums: ``collect`` lanes × ``rows`` two's-complement numbers of ``acc_bits``; lane-major, row 0 lowest.

    ``last`` marks the final word of an operation.
    """
    return Stream(data=config.collect * config.rows * config.acc_bits, last=1)
