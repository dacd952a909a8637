"""VHDL and Verilog of the blocks for norms, rotation and attention are the same circuit.

(tests/engine/test_equivalence.py shows that the proof refuses a block with one thing changed.)
"""

import pytest
from norm_designs import norm_design

from myhdl_acc.convert.equivalence import prove_equivalent

#: Time steps of the induction: more than the longest delay line. rms_norm takes a minute.
DEPTHS = {
    "rms_drop": 2,
    "rms_square": 3,
    "rope": 2,
    "attention_scores": 7,
    "softmax": 7,
    "value_weights": 7,
    "attention_output": 2,
    "argmax": 2,
    "argmax_merge": 2,
    "butterfly": 4,
    "rms_norm": 11,
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name == "rms_norm" else name for name in DEPTHS]
)
def test_vhdl_is_verilog(name):
    prove_equivalent(norm_design(name), depth=DEPTHS[name])
