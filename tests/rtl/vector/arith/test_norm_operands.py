"""Operands that mean nothing, as they come beside invalid words: no simulator may stop at them, and all must agree."""

import numpy as np
import pytest
from norm_designs import BLOCKS
from unit_bench import fields, unit_bench

from myhdl_acc.hdl.stream import Stream
from myhdl_acc.simulate import Design, clock, open_simulation, reset
from myhdl_acc.simulate.scoreboard import check_words, random_words

#: The field of a block that keeps a state, with which one begins; before that its results are unknown.
BEGINS = {"simon_rounds": "start", "simon_cipher": "start"}
#: The upper half of simon_keys' begins later than the first result: its own test enciphers with them.
LATE = ["simon_keys"]


@pytest.mark.parametrize("name", [name for name in BLOCKS if name not in LATE])
def test_any_operands(name):
    sink, source = (Stream(**fields(widths)) for widths in BLOCKS[name])
    design = Design(unit_bench, clk=clock(), rst=reset(), sink=sink, source=source, unit=name)
    words = random_words(design.inputs["sink"].fields, 150, seed=1)
    if name in BEGINS:
        words[BEGINS[name]] = np.concatenate([[1], words[BEGINS[name]][1:]])
    results = []
    for backend in ("myhdl", "ghdl", "verilator"):
        with open_simulation(design, backend) as simulation:
            results.append(simulation.run({"sink": words}, {"source": 150}).outputs["source"])
    for other in results[1:]:
        check_words(other, results[0])
