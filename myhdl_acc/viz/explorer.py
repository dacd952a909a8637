"""What the pipeline notebook does: choose an operation and back-pressure, run the RTL, show where the cycles went."""

from dataclasses import dataclass, field

import numpy as np

from golden.errors import InputError
from myhdl_acc.driver.rtl_engine import RtlEngine
from myhdl_acc.program.sample_operation import sample_operation
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.trace.engine_recorder import EngineRecorder
from myhdl_acc.trace.occupancy import occupancy
from myhdl_acc.viz.cycle_bars import CycleBars
from myhdl_acc.viz.gantt import Gantt

PRESSURES = {
    "memory": "sink_beat",
    "operands": ("sink_load", "sink_weights"),
    "results": "source_result",
}
"""What can be slow, and the streams that it delays."""

_SLOWEST = 1000


@dataclass
class Choice:
    """What to run. ``slow``: {a key of PRESSURES: mean cycles that each of its words comes late}; ``random``: the
    delay of each word is drawn from a geometric distribution with that mean, otherwise it is the same for all of
    them."""

    preset: str = "tiny"
    mode: str = "w2"
    outputs: int = 64
    terms: int = 128
    rows: int = 1
    repeat: int = 1
    slow: dict = field(default_factory=dict)
    random: bool = False
    seed: int = 0


class PipelineExplorer:
    """Runs Choices on one backend and shows the last run in ``gantt`` and ``bars``; use it as a context manager or
    close it.

    The simulator of each preset is opened once. ``table``, ``occupancy`` and ``summary`` are the last run's.
    """

    def __init__(self, backend="verilator"):
        self.backend = backend
        self.gantt, self.bars = Gantt(), CycleBars()
        self.table = self.occupancy = self.summary = None
        self._engines = {}

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def close(self):
        """Close the simulators."""
        while self._engines:
            _, engine = self._engines.popitem()
            engine.__exit__(None, None, None)

    def run(self, choice):
        """Run a Choice, show it and return its summary {label: value}.

        Every integer is compared with the golden model. Raises InputError for a choice that cannot be run.
        """
        gaps = _gaps(choice)
        operations = [
            sample_operation(choice.mode, choice.outputs, choice.terms, choice.rows, choice.seed + number)
            for number in range(choice.repeat)
        ]
        recorder = EngineRecorder(self._engine(choice.preset))
        recorder.execute(operations, gaps)
        self.table = recorder.table
        self.occupancy = occupancy(self.table)
        self.gantt.show(self.table)
        self.bars.show(self.occupancy)
        lanes = self.occupancy.by_unit()["lane"]
        products = sum(len(operation.x) * operation.outputs * operation.terms for operation in operations)
        self.summary = {
            "cycles": recorder.cycles,
            "lane cycles with a beat": f"{lanes.get('beat', 0) / sum(lanes.values()):.1%}",
            "products per cycle": round(products / recorder.cycles, 1),
        }
        return self.summary

    def _engine(self, preset):
        if preset not in self._engines:
            engine = RtlEngine(AcceleratorConfig.preset(preset), self.backend, check=True, record=True)
            self._engines[preset] = engine.__enter__()
        return self._engines[preset]


def _gaps(choice):
    """What RtlEngine.execute() wants to know of back-pressure: a function from the streams' words to their delays."""
    for name, delay in choice.slow.items():
        if name not in PRESSURES:
            raise InputError(f"no back-pressure {name!r}; there is {', '.join(PRESSURES)}")
        if not 0 <= delay <= _SLOWEST:
            raise InputError(f"back-pressure {name}: {delay} cycles per word, it must be 0 to {_SLOWEST}")
    prefixes = {PRESSURES[name]: delay for name, delay in choice.slow.items() if delay}
    rng = np.random.default_rng(choice.seed)

    def gaps(inputs, result_words):
        words = {name: len(next(iter(columns.values()))) for name, columns in inputs.items()}
        words["source_result"] = result_words
        return {
            name: _delays(rng, count, delay, choice.random)
            for name, count in words.items()
            for prefix, delay in prefixes.items()
            if name.startswith(prefix)
        }

    return gaps


def _delays(rng, count, mean, random):
    """``count`` delays in cycles, 0 or more, whose mean is ``mean``."""
    if random:
        return rng.geometric(1 / (1 + mean), count) - 1
    # A mean of 0.5 is 0, 1, 0, 1, …
    return np.diff(np.floor(np.arange(count + 1) * mean)).astype(np.int64)
