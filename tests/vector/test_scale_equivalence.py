"""VHDL and Verilog of the scale blocks are the same circuit.

(tests/engine/test_equivalence.py shows that the proof refuses a block with one thing changed.)
"""

import pytest
from scale_designs import BLOCKS, block_design

from myhdl_acc.convert.equivalence import prove_equivalent

#: Blocks made of others, which take a minute.
COMPOSED = ("quantise_step", "kv_step")
#: Time steps of the induction: one more than the longest delay line.
DEPTH = 17


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in COMPOSED else name for name in BLOCKS]
)
def test_vhdl_is_verilog(name):
    prove_equivalent(block_design(name), depth=DEPTH)
