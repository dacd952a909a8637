"""One pass of a model's shape on the simulated accelerator: its cycles, and what every one of them was spent on."""

from dataclasses import dataclass

from golden.errors import InputError
from golden.lambda_attention import LambdaRule
from myhdl_acc.driver.accelerator import Accelerator
from myhdl_acc.driver.simulation_device import SimulationDevice
from myhdl_acc.report.perf.lost_cycles import lost_cycles
from myhdl_acc.report.perf.random_memory import fill_memory


@dataclass(frozen=True)
class Pass:
    """What a pass of ``tokens`` tokens took.

    ``cycles`` from start to done; ``beats`` that every lane read; ``lost``: cycles of a lane without a beat by cause,
    lanes averaged: with the beats' own they add up to ``cycles``. ``multiplied``: cycles of a lane in which its
    multipliers worked on weights or cache.
    """

    tokens: int
    cycles: int
    beats: int
    lost: dict
    multiplied: float


def cache_rule(spec, window, sinks=None):
    """The LambdaRule of a cache of ``window`` tokens, the sinks among them: ``sinks``, or as many as the model's
    default has and there is room for. Raises InputError for as many sinks as tokens.
    """
    if sinks is None:
        sinks = min(LambdaRule.of(spec).sinks, window - 1)
    if sinks >= window:
        raise InputError(f"perf: {sinks} sinks leave no room in a cache of {window} tokens")
    return LambdaRule(sinks, window - sinks)


def measure_pass(shape, config, context, window, tokens=1, memory="hbm2", sinks=None, progress=None):
    """Run the pass that takes the last ``tokens`` tokens of a context of ``context`` tokens; returns a Pass.

    ``window`` and ``sinks`` are those of cache_rule().
    """
    rule = cache_rule(shape.spec, window, sinks)
    with SimulationDevice(config, memory, record="units", progress=progress) as device:
        accelerator = Accelerator(device, config)
        compiler = accelerator.prepare(shape, rule)
        fill_memory(device, compiler)
        accelerator.position = context - tokens
        program = compiler.passes(compiler.request([0] * tokens, 1, context - tokens))
        accelerator.feed([0] * tokens)
        cycles = accelerator.counters()["cycles"]
        beats = sum(instruction["beats"] for instruction in program if instruction.unit == "engine")
        parameters = sum(instruction["params"] for instruction in program if instruction.unit == "engine")
        lost, busy = lost_cycles(device.events, config.lanes, cycles)
    return Pass(tokens, cycles, beats, lost, busy - parameters)
