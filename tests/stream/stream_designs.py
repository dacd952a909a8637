"""What the stream tests share: streams with awkward fields, and a design of a block with a clock and a reset."""

import numpy as np

from myhdl_acc.simulate import Design, clock, reset
from myhdl_acc.stream import Stream, signed
from myhdl_acc.stream.scoreboard import random_words

WIDTHS = (1, 7, 13, 33, 65)


def mixed():
    """A stream with a bit, odd widths, a signed field, one wider than a machine word, and ``last``."""
    return Stream(flag=1, data=13, number=signed(7), wide=65, last=1)


def make(block, **arguments):
    """A design of ``block`` with these arguments."""
    return Design(block, clk=clock(), rst=reset(), **arguments)


def words_for(design, stream, count, seed=0):
    """Random words for an input or output stream of a design."""
    return random_words({**design.inputs, **design.outputs}[stream].fields, count, seed)


def rows(words, selection):
    """The selected words of ``{field: array}``."""
    return {name: column[selection] for name, column in words.items()}


def full_speed(count):
    """The transfer cycles of a stream that never waits."""
    return np.arange(count).tolist()
