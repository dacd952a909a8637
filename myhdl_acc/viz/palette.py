"""One colour per state, the same in every figure and page, and one meaning per colour.

Streams, lanes and vector unit each have colours of their own. They were searched for so that any two of them differ for
people with normal colour vision, deuteranopia and protanopia (tests/viz/test_palette.py holds that). The greys are for
cycles in which nothing was to be done.
"""

from html import escape

from myhdl_acc.rtl.vector.unit.instructions import ATTENTION, HIDDEN, INSTRUCTIONS, PRODUCT, QUANTISATION, ROTATION
from myhdl_acc.trace.occupancy import UNRECORDED, state_order

QUIET = {"idle": "#E2E2E2", "no_command": "#B4B4B4", UNRECORDED: "#FFFFFF"}
"""Colours of the states in which nothing was to be done."""

_STREAMS = {"transfer": "#0B5731", "stalled": "#865501", "starved": "#7DB938"}
_LANES = {"beat": "#0072B2", "no_beat": "#F0E442", "no_operand": "#F90068", "no_bank": "#FFA8FF"}
_VECTOR = {
    HIDDEN: "#0000FF",
    QUANTISATION: "#8F186A",
    ROTATION: "#21F49E",
    ATTENTION: "#F84FFF",
    PRODUCT: "#1E3BBE",
}

KINDS = {op: row.kind for op, row in INSTRUCTIONS.items()}
"""What each instruction of the vector unit is for: fewer names than instructions, each with one colour."""

COLOURS = _STREAMS | _LANES | _VECTOR | QUIET | {op: _VECTOR[kind] for op, kind in KINDS.items()}

OTHER = "#000000"
"""Colour of a state that has none of its own, such as a probe's bare value."""

MEANINGS = {
    "transfer": "a word moved: valid and ready",
    "stalled": "a word waited: valid, not ready",
    "starved": "the receiver waited: ready, not valid",
    "idle": "nothing to do; of a stream: neither valid nor ready",
    "beat": "the lane accepted a beat",
    "no_beat": "memory had no beat",
    "no_operand": "the stationary slice was not there yet",
    "no_bank": "results of an earlier operation were not collected yet",
    "no_command": "the lane had no command",
    UNRECORDED: "not recorded",
}
"""What states mean; those of the vector unit are what the legend calls them."""

TRACKS = {
    "sink_cmd": "commands: one starts an operation",
    "sink_load": "stationary operands: activations, queries",
    "sink_weights": "stationary operands of pv: probabilities, one stream per lane",
    "sink_beat": "beats from memory, weights or cache, one stream per lane",
    "lane": "what each lane of the engine did",
    "source_result": "results",
    "vector": "which instruction the vector unit executed",
    "source_ar": "read requests to memory, one port per lane",
    "sink_r": "beats from memory",
    "source_aw": "write requests to memory",
    "source_w": "beats to memory: the cache's new tokens, logits",
}
"""What is recorded of the engine and of the accelerator, in the order in which it is shown."""

_GROUPS = (
    ("lanes", (*_LANES, "no_command")),
    ("streams", (*_STREAMS, "idle")),
    ("vector unit", tuple(_VECTOR)),
)


def colour(state):
    """The colour of a state, as #RRGGBB."""
    return COLOURS.get(state, OTHER)


def legend_html(states):
    """The legend of these states as HTML, which wraps: a group for lanes, streams and the vector unit, whose
    instructions are shown by what they are for."""
    kinds = {KINDS.get(state, state) for state in states}
    groups = [(name, [state for state in members if state in kinds]) for name, members in _GROUPS]
    others = state_order(kinds - {state for _, members in groups for state in members})
    return "".join(
        entries_html(name, {state: colour(state) for state in members})
        for name, members in (*groups, ("", others))
        if members
    )


def entries_html(name, colours):
    """A line of a legend, which wraps: {what a colour stands for: the colour} of the group ``name``."""
    return (
        "<div style='display:flex;flex-wrap:wrap;gap:2px 14px;margin:2px 0'>"
        f"<b>{escape(name)}</b>{''.join(_entry(*entry) for entry in colours.items())}</div>"
    )


def _entry(state, shade):
    return (
        f"<span class='legend-entry' title='{escape(MEANINGS.get(state, ''), quote=True)}' style='white-space:nowrap'>"
        f"<span style='display:inline-block;width:1em;height:1em;vertical-align:-0.15em;border:1px solid #999;"
        f"background:{shade}'></span> {escape(state)}</span>"
    )
