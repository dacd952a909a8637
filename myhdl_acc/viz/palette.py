"""One colour per state, the same in every figure and page.

The colours are those of Okabe and Ito, "Color Universal Design" (2008), which all common kinds of colour vision tell
apart; two more, which no lane has, are of Tol's scheme "muted" (2021). The greys are for cycles in which nothing was to
be done.
"""

from myhdl_acc.rtl.vector.unit.instructions import ATTENTION, HIDDEN, INSTRUCTIONS, PRODUCT, QUANTISATION, ROTATION
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

KINDS = {op: row.kind for op, row in INSTRUCTIONS.items()}
"""What each instruction of the vector unit is for: fewer names than instructions, each with one colour."""

_VECTOR = {
    HIDDEN: "#332288",
    QUANTISATION: "#E69F00",
    ROTATION: "#882255",
    ATTENTION: "#D55E00",
    PRODUCT: "#009E73",
}
COLOURS |= _VECTOR
COLOURS |= {op: _VECTOR[kind] for op, kind in KINDS.items()}

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
MEANINGS |= {op: f"vector unit: {kind}" for op, kind in KINDS.items()}


TRACKS = {
    "sink_cmd": "commands: one starts an operation",
    "sink_load": "stationary operands: activations, queries",
    "sink_weights": "stationary operands of pv: probabilities, one stream per lane",
    "sink_beat": "beats from memory, weights or cache, one stream per lane",
    "source_result": "results",
    "lane": "what each lane of the engine did",
    "vector": "which instruction the vector unit executed",
    "source_ar": "read requests to memory, one port per lane",
    "sink_r": "beats from memory",
    "source_aw": "write requests to memory",
    "source_w": "beats to memory: the cache's new tokens, logits",
}
"""What is recorded of the engine and of the accelerator."""


def colour(state):
    """The colour of a state, as #RRGGBB."""
    return COLOURS.get(state, OTHER)
