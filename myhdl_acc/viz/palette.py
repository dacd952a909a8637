"""One colour per state, the same in every figure and page.

The colours are those of Okabe and Ito, "Color Universal Design" (2008), which all common kinds of colour vision tell
apart; two more, which no lane has, are of Tol's scheme "muted" (2021). The greys are for cycles in which nothing was to
be done.
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

_VECTOR = {
    "the hidden state, norms": ("#332288", ("embed", "add", "square", "norm", "head_peak", "head_square", "head_norm")),
    "quantisation": ("#E69F00", ("quantise", "quantise_query", "quantise_kv")),
    "rotation, ranges": ("#882255", ("angle", "rope", "rope_key", "range", "select")),
    "attention": ("#D55E00", ("scores", "values", "softmax", "weights", "mix", "gather")),
    "a product's results": ("#009E73", ("requantise", "silu", "logits", "bias", "offset")),
}
COLOURS |= {op: shade for shade, ops in _VECTOR.values() for op in ops}

KINDS = {op: kind for kind, (_, ops) in _VECTOR.items() for op in ops}
"""What each instruction of the vector unit is for: fewer names than instructions, each with one colour."""

COLOURS |= {kind: shade for kind, (shade, _) in _VECTOR.items()}

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
