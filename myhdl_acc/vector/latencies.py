"""How long each operation takes in a column: cycles from its operands, which follow ``issue`` by one, to its value."""

from myhdl_acc.vector import (
    attention_output,
    attention_scores,
    quantise,
    requantise,
    residual_add,
    rms_norm,
    rms_square,
    rope,
    rope_column,
    scale_product,
    silu_mul,
    softmax,
    value_weights,
)

#: Parts of the chains in column.py. Most lanes that a configuration can have set the butterfly's.
SCALE, SCORE = scale_product.LATENCY, attention_scores.LATENCY
BUTTERFLY = 5
MIX = BUTTERFLY + attention_output.LATENCY
OPERANDS = sorted((SCALE, SCORE, MIX))[-1]
REQUANTISED = OPERANDS + requantise.LATENCY
NUMERATOR = softmax.LATENCY
WEIGHTED = NUMERATOR + value_weights.LATENCY
LEVEL = quantise.LATENCY

LATENCY = {
    "embed": 0,
    "add": REQUANTISED + residual_add.LATENCY,
    "requantise": REQUANTISED,
    "silu": REQUANTISED + silu_mul.LATENCY,
    "square": rms_square.LATENCY,
    "norm": rms_norm.LATENCY,
    "quantise": LEVEL,
    "rope": rope.LATENCY,
    "rope_key": rope.LATENCY,
    "range": 0,
    "quantise_query": LEVEL,
    "quantise_kv": LEVEL,
    "scores": REQUANTISED,
    "values": 0,
    "softmax": WEIGHTED,
    "weights": LEVEL,
    "mix": REQUANTISED,
    "gather": LEVEL,
    "logits": REQUANTISED,
    "bias": 0,
    "offset": REQUANTISED + residual_add.LATENCY,
    "head_peak": 0,
    "head_square": rms_square.LATENCY,
    "head_norm": rms_norm.LATENCY,
}
_ONE_LANE = {"rope": rope_column.LATENCY, "rope_key": rope_column.SLOW_LATENCY}
LONGEST = sorted(LATENCY.values())[-1]


def latency(op, lanes):
    """LATENCY of any op in a column of one of ``lanes`` lanes; a single column has both elements of a pair."""
    return _ONE_LANE[op] if lanes == 1 and op in _ONE_LANE else LATENCY.get(op, 0)
