"""Runs of the engine: an operation, how slow its surroundings are, and what every stream and lane did."""

from dataclasses import dataclass, field

import numpy as np

from golden.errors import InputError
from myhdl_acc.driver.rtl_engine import RtlEngine
from myhdl_acc.program.sample_operation import sample_operation
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.simulate.cache import telling
from myhdl_acc.trace.engine_recorder import EngineRecorder
from myhdl_acc.trace.events import EventTable
from myhdl_acc.trace.occupancy import occupancy

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


@dataclass(frozen=True)
class EngineRun:
    """What a Choice led to: the EventTable and the ``summary`` {label: value}."""

    table: EventTable
    summary: dict


class EngineRuns:
    """Runs Choices on one backend: ``runs(choice, say)`` is an EngineRun. The simulator of each preset is opened once.

    Every integer is compared with the golden model. Use it as a context manager, or let it go with its process.
    """

    def __init__(self, backend="verilator"):
        self._backend = backend
        self._engines = {}

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        while self._engines:
            _, engine = self._engines.popitem()
            engine.__exit__(None, None, None)

    def __call__(self, choice, say=lambda text: None):
        """Run a Choice; ``say(text)`` is told what it is at. Raises InputError for a choice that cannot be run."""
        gaps = _gaps(choice)
        operations = [
            sample_operation(choice.mode, choice.outputs, choice.terms, choice.rows, choice.seed + number)
            for number in range(choice.repeat)
        ]
        with telling(lambda what: say(f"{what}; the first time only, about a minute")):
            recorder = EngineRecorder(self._engine(choice.preset))
        say("the RTL runs")
        recorder.execute(operations, gaps)
        lanes = occupancy(recorder.table).by_unit()["lane"]
        products = sum(len(operation.x) * operation.outputs * operation.terms for operation in operations)
        results = sum(len(operation.x) * operation.outputs for operation in operations)
        summary = {
            "cycles": recorder.cycles,
            "lane cycles with a beat": f"{lanes.get('beat', 0) / sum(lanes.values()):.1%}",
            "products per cycle": round(products / recorder.cycles, 1),
            "compared with golden": f"{results:,} integers, all equal",
        }
        return EngineRun(recorder.table, summary)

    def _engine(self, preset):
        if preset not in self._engines:
            engine = RtlEngine(AcceleratorConfig.preset(preset), self._backend, check=True, record=True)
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
