"""Operations on the simulated engine."""

import numpy as np

from golden.units.engine import execute as golden_execute
from myhdl_acc.program.lower import Lowering, engine_inputs, read_results
from myhdl_acc.rtl.engine.engine import engine, engine_ports
from myhdl_acc.simulate import Design, SimulationError, clock, open_simulation, reset


class MismatchError(SimulationError):
    """The simulated RTL and the golden model computed different integers."""


class RtlEngine:
    """The engine in one of the simulators, as a function from operations to integers.

    ``check``: compare every result with the golden model and raise MismatchError where they differ. ``record``: keep
    the events of the last execute() in ``run``. ``cycles`` counts all clock cycles so far.
    """

    def __init__(self, config, backend, check=False, record=False):
        self.config, self.check, self.record = config, check, record
        self.cycles = 0
        self.checked = 0  #: integers compared with the golden model
        self.run = None
        self._lowering = Lowering(config)
        design = Design(engine, clk=clock(), rst=reset(), **engine_ports(config))
        self._simulation = open_simulation(design, backend)

    def __enter__(self):
        self._simulation.__enter__()
        return self

    def __exit__(self, *exception):
        return self._simulation.__exit__(*exception)

    def execute(self, operations, gaps=None):
        """Run ``operations`` back to back; returns their results, int64 (R, outputs) each.

        ``gaps``: back-pressure by stream name, see simulate. Raises InputError for what does not fit the configuration.
        """
        passes = self._lowering.passes(operations)
        inputs, words = engine_inputs(passes, self.config)
        delays = gaps(inputs, words) if callable(gaps) else gaps
        self.run = self._simulation.run(inputs=inputs, expect={"source_result": words}, gaps=delays, record=self.record)
        self.cycles += self.run.cycles
        results = read_results(self.run.outputs["source_result"]["data"], passes, operations, self.config)
        if self.check:
            self._compare(operations, results)
        return results

    def _compare(self, operations, results):
        for operation, result in zip(operations, results, strict=True):
            expected = golden_execute(operation)
            self.checked += expected.size
            if not np.array_equal(result, expected):
                row, column = np.argwhere(result != expected)[0]
                raise MismatchError(
                    f"{operation.kind}: RTL computed {result[row, column]} for row {row}, output {column}; "
                    f"golden says {expected[row, column]}"
                )
