"""VHDL and Verilog of the scale blocks are the same circuit.

(tests/rtl/engine/test_equivalence.py shows that the proof refuses a block with one thing changed.)
"""

import pytest
from scale_designs import block_design

from myhdl_acc.simulate.equivalence import prove_equivalent

#: Time steps of the induction.
DEPTH = 2


@pytest.mark.parametrize(
    "name",
    [
        "round_shift",
        "scale_product",
        "normalise",
        "reciprocal",
        "requantise",
        "quantise",
        "total_inverse",
        "residual_add",
        pytest.param("quantise_step", marks=pytest.mark.slow),
        pytest.param("kv_step", marks=pytest.mark.slow),
    ],
)
def test_vhdl_is_verilog(name):
    prove_equivalent(block_design(name), depth=DEPTH)
