"""Cycles of the chains of blocks in a column and in a row: what an instruction's time is the sum of."""

from myhdl_acc.rtl.vector.arith import (
    attention_output,
    attention_scores,
    kv_step,
    quantise,
    quantise_step,
    requantise,
    rms_scale,
    scale_product,
    softmax,
    total_inverse,
    value_probs,
)

#: From the cycle in which an index takes its result to its sum and parameter, and to the word that is read for it.
RESULT, OPERAND = 1, 3
#: An instruction's latency counts from the result on: what the word is later.
READ = OPERAND - RESULT
#: From a value to its share in a statistic that enters the butterfly.
COUNTED = 4
#: In a column, from the operands to the value. The butterfly's are those of the most
#: lanes that a configuration can have.
SCALE, SCORE = scale_product.LATENCY, attention_scores.LATENCY
BUTTERFLY = 5
MIX = BUTTERFLY + attention_output.LATENCY
OPERANDS = sorted((SCALE, SCORE, MIX))[-1]
REQUANTISED = OPERANDS + requantise.LATENCY
NUMERATOR = softmax.LATENCY
WEIGHTED = NUMERATOR + value_probs.LATENCY
LEVEL = quantise.LATENCY

#: In a row, from a peak to the quantiser's scale; from a head's largest and least to its scale and zero point.
STEP, RANGE = quantise_step.LATENCY, 1 + kv_step.LATENCY
#: From a column's statistics to the scale of its mixed values.
MIXED = total_inverse.LATENCY
#: From a head table's address to an entry.
TABLE = 2
#: From a head table's address to the query's scale with the constant in it.
QUERY = TABLE + scale_product.LATENCY
#: From an instruction's acceptance to its first operand, beside what it prepares.
FIRST = 2 + OPERAND
#: To be prepared: the quantiser's scale, of a peak that is chosen two cycles after acceptance.
PREPARE_STEP = 2 + STEP - FIRST
#: From a head's sum of squares to its norm: the sum is registered.
HEAD_NORM = 1 + rms_scale.LATENCY
