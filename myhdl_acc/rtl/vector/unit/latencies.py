"""Cycles of the chains of blocks in a column and in a row: what an instruction's time is the sum of."""

from myhdl_acc.rtl.vector.arith import (
    attention_output,
    attention_scores,
    kv_step,
    quantise,
    quantise_step,
    requantise,
    rms_drop,
    rms_scale,
    scale_product,
    softmax,
    total_inverse,
    value_weights,
)

#: From an index's issue to its operands.
OPERAND = 1
#: In a column, from the operands to the value. The butterfly's are those of the most
#: lanes that a configuration can have.
SCALE, SCORE = scale_product.LATENCY, attention_scores.LATENCY
BUTTERFLY = 5
MIX = BUTTERFLY + attention_output.LATENCY
OPERANDS = sorted((SCALE, SCORE, MIX))[-1]
REQUANTISED = OPERANDS + requantise.LATENCY
NUMERATOR = softmax.LATENCY
WEIGHTED = NUMERATOR + value_weights.LATENCY
LEVEL = quantise.LATENCY

#: In a row, from a peak to the quantiser's scale; from a head's largest and least to its scale and zero point.
STEP, RANGE = quantise_step.LATENCY, kv_step.LATENCY
#: From a column's statistics to its weights' scales: step and divisor side by side, then their product.
BESIDE = sorted((quantise_step.LATENCY, total_inverse.LATENCY))[-1]
WEIGHT = BESIDE + scale_product.LATENCY
#: From a head table's address to the query's scale with the constant in it.
QUERY = 1 + scale_product.LATENCY
#: From a peak and a sum of squares to what the norm multiplies with.
NORM = rms_drop.LATENCY + rms_scale.LATENCY
#: From a head's sum of squares to its norm: the sum is registered.
HEAD_NORM = 1 + rms_scale.LATENCY
