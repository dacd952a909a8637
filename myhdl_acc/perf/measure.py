"""One pass of a model's shape on the simulated accelerator: its cycles, and what every one of them was spent on."""

from dataclasses import dataclass

import numpy as np

from golden.lambda_attention import LambdaRule
from myhdl_acc.driver.accelerator import Accelerator
from myhdl_acc.driver.simulation_device import SimulationDevice
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
        lost, busy = _lost(device.events, config.lanes, cycles)
    return Pass(tokens, cycles, beats, lost, busy - parameters)


def _lost(table, lanes, cycles):
    """``({cause: cycles}, cycles with a beat)`` of a lane, lanes averaged.

    A lane without a beat waits for memory (``memory``), or its engine for operands or commands while the vector unit
    does what names the cause.
    """
    units, states = table.names["unit"], table.names["state"]
    vector = np.full(cycles, len(states), np.int16)
    for start, end, state in _intervals(table, table.unit == units.index("vector")):
        vector[start:end] = state
    counts, busy = {}, 0
    of_lanes = table.unit == units.index("lane")
    for lane in range(lanes):
        for start, end, state in _intervals(table, of_lanes & (table.lane == lane)):
            name, end = states[state], min(end, cycles)
            if name == "beat":
                busy += end - start
            elif name == "no_beat":
                counts["memory"] = counts.get("memory", 0) + end - start
            else:
                for op, count in zip(*np.unique(vector[start:end], return_counts=True), strict=True):
                    cause = "start and end" if op == len(states) else _cause(states[op], name)
                    counts[cause] = counts.get(cause, 0) + int(count)
    return {cause: count / lanes for cause, count in sorted(counts.items(), key=lambda item: -item[1])}, busy / lanes


def _cause(op, state):
    return f"{'hand-over' if op == 'idle' else op} ({state})"


def _intervals(table, mask):
    return zip(table.cycle_start[mask], table.cycle_end[mask], table.state[mask], strict=True)
