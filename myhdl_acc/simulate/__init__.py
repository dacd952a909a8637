"""One interface to four simulators: MyHDL, Icarus Verilog, GHDL and Verilator.

The same stimuli give the same outputs, cycles and events in all of them, cycle for cycle::

    design = Design(m2s_pipe, clk=clock(), rst=reset(), sink=Stream(data=8), source=Stream(data=8))
    with open_simulation(design, backend="verilator") as simulation:
        run = simulation.run(inputs={"sink": {"data": range(100)}}, expect={"source": 100})
"""

import importlib

from golden.errors import InputError
from myhdl_acc.simulate.design import Design, clock, reset
from myhdl_acc.simulate.stimulus import DeadlockError, Run, SimulationError

_SIMULATIONS = {
    "myhdl": "myhdl_backend.MyhdlSimulation",
    "icarus": "icarus.IcarusSimulation",
    "ghdl": "ghdl.GhdlSimulation",
    "verilator": "verilator.VerilatorSimulation",
}

BACKENDS = tuple(_SIMULATIONS)
"""The backends that open_simulation() knows; each needs its tool only when it is opened."""


def open_simulation(design, backend="myhdl"):
    """A simulation session of ``design``: use it as a context manager, call ``run()`` as often as needed.

    The design is converted and built if the backend needs it (cached by content) and reset; its state then persists
    from run to run. Raises InputError for an unknown backend or a tool that is not installed.
    """
    if backend not in _SIMULATIONS:
        raise InputError(f"simulate: no backend {backend!r}; there are {', '.join(BACKENDS)}")
    module, name = _SIMULATIONS[backend].split(".")
    return getattr(importlib.import_module(f"myhdl_acc.simulate.{module}"), name)(design)


__all__ = ["BACKENDS", "DeadlockError", "Design", "Run", "SimulationError", "clock", "open_simulation", "reset"]
