"""VHDL and Verilog of the blocks for norms, rotation and attention are the same circuit.

(tests/rtl/engine/test_equivalence.py shows that the proof refuses a block with one thing changed.)
"""

import pytest
from norm_designs import norm_design

from myhdl_acc.simulate.equivalence import prove_equivalent

#: Time steps of the induction.
DEPTH = 2
QUICK = [
    "rms_drop",
    "rms_lift",
    "rms_square",
    "rms_factor",
    "rope",
    "attention_scores",
    "softmax",
    "value_probs",
    "attention_output",
    "argmax",
]
QUICK += ["argmax_merge", "butterfly"]
#: These take a minute and more.
SLOW = ["rms_unit", "rms_gain", "rms_scale", "silu_mul"]


@pytest.mark.parametrize("name", [*QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)])
def test_vhdl_is_verilog(name):
    prove_equivalent(norm_design(name), depth=DEPTH)
