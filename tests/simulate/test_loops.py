"""A combinational loop ends the run with an error in every simulator, and leaves the session's process alive."""

import numpy as np
import pytest
import simulation_designs as designs

from myhdl_acc.hdl.stream import Stream
from myhdl_acc.simulate import BACKENDS, Design, SimulationError, clock, icarus, open_simulation, reset


def design(block):
    return Design(block, clk=clock(), rst=reset(), sink=Stream(data=8, last=1), source=Stream(data=8, last=1))


def run(simulation, data):
    words = {"data": np.array(data), "last": np.zeros(len(data), int)}
    return simulation.run({"sink": words}, {"source": len(data)}).outputs["source"]


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_loop_is_an_error(backend, monkeypatch):
    monkeypatch.setattr(icarus, "ANSWER_SECONDS", 0.5)
    loop = pytest.raises(SimulationError, match="a combinational loop never settles")
    with loop, open_simulation(design(designs.ring), backend) as simulation:
        run(simulation, [1, 0])
    with open_simulation(design(designs.register_stage), backend) as simulation:  # others go on
        assert run(simulation, [5])["data"].tolist() == [5]


def test_myhdl_names_the_signals():
    with pytest.raises(SimulationError, match="never settles: p, q"):
        open_simulation(design(designs.ring))


def test_an_error_in_a_process_names_its_line():
    with open(designs.__file__) as file:
        line = next(number for number, text in enumerate(file, 1) if "count.next = count + 1" in text)
    overflow = pytest.raises(SimulationError, match=rf"simulation_designs.py:{line}: .*3 >= maximum 3")
    with overflow, open_simulation(design(designs.overflowing)) as simulation:
        run(simulation, [0, 1, 2, 3])
