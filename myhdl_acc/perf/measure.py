"""One pass of a model's shape on the simulated accelerator: its cycles, and what every one of them was spent on."""

from dataclasses import dataclass

from golden.lambda_attention import LambdaRule
from myhdl_acc.driver.accelerator import Accelerator
from myhdl_acc.driver.simulation_device import SimulationDevice
from myhdl_acc.perf.lost_cycles import lost_cycles
from myhdl_acc.perf.random_memory import fill_memory

_SINKS = 4


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


def measure_pass(shape, config, context, window, tokens=1, memory="hbm2", progress=None):
    """Run the pass that takes the last ``tokens`` tokens of a context of ``context`` tokens; returns a Pass."""
    rule = LambdaRule(min(_SINKS, window - 1), max(1, window - _SINKS))
    with SimulationDevice(config, memory, record="units", progress=progress) as device:
        accelerator = Accelerator(device, config)
        compiler = accelerator.prepare(shape, rule)
        fill_memory(device, compiler)
        accelerator.position = context - tokens
        accelerator.write_tokens([0] * tokens)
        accelerator.start()
        accelerator.wait()
        cycles = accelerator.counters()["cycles"]
        program = compiler.program(context - tokens, [0] * tokens)
        beats = sum(instruction["beats"] for instruction in program if instruction.unit == "read")
        parameters = sum(instruction["params"] for instruction in program if instruction.unit == "engine")
        lost, busy = lost_cycles(device.events, config.lanes, cycles)
    return Pass(tokens, cycles, beats, lost, busy - parameters)
