"""One colour per state, the same in every figure and page.

The colours are those of Okabe and Ito, "Color Universal Design" (2008), which all common kinds of colour vision tell
apart; the two greys are for cycles in which nothing was to be done.
"""

from myhdl_acc.trace.occupancy import UNRECORDED

COLOURS = {
    "transfer": "#009E73",
    "stalled": "#D55E00",
    "starved": "#E69F00",
    "idle": "#DDDDDD",
    "beat": "#0072B2",
    "no_beat": "#F0E442",
    "no_operand": "#CC79A7",
    "no_bank": "#56B4E9",
    "no_command": "#BBBBBB",
    UNRECORDED: "#FFFFFF",
}

OTHER = "#000000"
"""Colour of a state that has none of its own, such as a probe's bare value."""

MEANINGS = {
    "transfer": "a word moved: valid and ready",
    "stalled": "a word waited: valid, not ready",
    "starved": "the receiver waited: ready, not valid",
    "idle": "neither valid nor ready",
    "beat": "the lane accepted a beat",
    "no_beat": "memory had no beat",
    "no_operand": "the stationary slice was not there yet",
    "no_bank": "results of an earlier operation were not collected yet",
    "no_command": "the lane had no command",
    UNRECORDED: "not recorded",
}


TRACKS = {
    "sink_cmd": "commands: one starts an operation",
    "sink_load": "stationary operands: activations, queries, probabilities",
    "sink_beat": "beats from memory, weights or cache, one stream per lane",
    "source_result": "results",
    "lane": "what each lane of the engine did",
}
"""The streams and lanes of the engine."""


def colour(state):
    """The colour of a state, as #RRGGBB."""
    return COLOURS.get(state, OTHER)
