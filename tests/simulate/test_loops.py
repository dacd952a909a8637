"""A combinational loop ends the run with an error in every simulator, and leaves the session's process alive."""

import numpy as np
import pytest
import simulation_designs as designs

from golden.errors import InputError
from myhdl_acc.hdl.stream import Stream
from myhdl_acc.simulate import BACKENDS, Design, SimulationError, clock, icarus, open_simulation, reset


def design(block):
    return Design(block, clk=clock(), rst=reset(), sink=Stream(data=8, last=1), source=Stream(data=8, last=1))


def run(simulation, data):
    words = {"data": np.array(data), "last": np.zeros(len(data), int)}
    return simulation.run({"sink": words}, {"source": len(data)}).outputs["source"]


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_loop_is_refused(backend):
    places = r"\(simulation_designs.py:\d+, wiring.py:\d+\)"
    with pytest.raises(InputError, match=f"^(ring|myhdl): a combinational loop: p, q {places}$"):
        open_simulation(design(designs.ring), backend)


@pytest.mark.parametrize("backend", ["myhdl", "ghdl", "verilator"])
def test_a_loop_through_entities_is_refused(backend):
    with pytest.raises(InputError, match=r"loop: .*source_valid.* \(conditional.py:\d+, conditional.py:\d+\)$"):
        open_simulation(design(designs.around), backend)


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_never_settles_is_an_error(backend, monkeypatch):
    monkeypatch.setattr(icarus, "ANSWER_SECONDS", 0.5)
    loop = pytest.raises(SimulationError, match="a combinational loop never settles")
    with loop, open_simulation(design(designs.hunting_clock), backend) as simulation:
        run(simulation, [1, 0])
    with open_simulation(design(designs.register_stage), backend) as simulation:  # others go on
        assert run(simulation, [5])["data"].tolist() == [5]


def test_myhdl_names_the_signals():
    loop = pytest.raises(SimulationError, match=r"never settles: .*tick.*up")
    with loop, open_simulation(design(designs.hunting_clock)) as simulation:
        run(simulation, [1])


def test_an_error_in_a_process_names_its_line():
    with open(designs.__file__) as file:
        line = next(number for number, text in enumerate(file, 1) if "count.next = count + 1" in text)
    overflow = pytest.raises(SimulationError, match=rf"simulation_designs.py:{line}: .*3 >= maximum 3")
    with overflow, open_simulation(design(designs.overflowing)) as simulation:
        run(simulation, [0, 1, 2, 3])
