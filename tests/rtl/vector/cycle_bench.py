"""Any entity that takes something in every cycle, cycle by cycle: all its inputs come in a word, all outputs go in one.

So what a test says about a cycle holds for the simulated and for the converted entity alike.
"""

import importlib

import numpy as np
from myhdl import always_comb

from myhdl_acc.hdl.convert.entity import entity, is_output, leaf_ports
from myhdl_acc.hdl.stream import Stream
from myhdl_acc.hdl.wiring import type_of, unused, wire
from myhdl_acc.simulate import Design, clock, open_simulation, reset


def block_of(unit):
    return getattr(importlib.import_module(f"myhdl_acc.rtl.vector.unit.{unit}"), unit)


@entity
def cycle_bench(clk, rst, sink, source, unit, ports, config):
    """``unit`` with the arguments that ``ports(config)`` makes: inputs from ``sink``, outputs to ``source``, in cycles
    with ``sink.shown``."""
    connect(block_of(unit), ports(config), sink, source)
    unused(source.ready)

    @always_comb
    def handshake():
        sink.ready.next = not rst
        source.valid.next = sink.valid and sink.shown and not rst


def connect(block, arguments, sink, source):
    for name, signal, output in leaves(block, arguments):
        if output and hasattr(source, name):
            wire(signal, getattr(source, name))
        elif output:
            unused(signal)
        else:
            wire(getattr(sink, name), signal)
    block(**arguments)


def leaves(block, arguments):
    """(name, signal, whether it is an output) of every port."""
    for argument, value in arguments.items():
        for name, signal in leaf_ports(argument, value):
            yield name, signal, is_output(name, block.outputs)


#: A simulator of each language.
SIMULATORS = ("myhdl", "icarus", "ghdl")


class Cycles:
    """``inputs`` {port: its value in every cycle; a number for all; 0 if not named} → outputs by port, an array each.

    Ports that are wider than 63 bits are arrays of Python's integers. Outputs of the first ``skip`` cycles are 0:
    before all that is not reset has a value, an HDL simulator has none to show. ``watch``: the outputs that are looked
    at, if not all.
    """

    def __init__(self, unit, ports, config, backend="myhdl", watch=None):
        every = list(leaves(block_of(unit), ports(config)))
        inputs, outputs = (
            {name: type_of(signal) for name, signal, out in every if out == side} for side in (False, True)
        )
        outputs = {name: value for name, value in outputs.items() if watch is None or name in watch}
        sink, source = Stream(**inputs, shown=1), Stream(**outputs)
        self.widths = {name: len(signal) for name, signal in sink.payload().items()}
        constants = {"unit": unit, "ports": ports, "config": config}
        self.design = Design(cycle_bench, clk=clock(), rst=reset(), sink=sink, source=source, **constants)
        self.backend = backend

    def run(self, count, skip=0, **inputs):
        assert inputs.keys() <= self.widths.keys(), inputs.keys() - self.widths.keys()
        inputs["shown"] = np.arange(count) >= skip
        words = {name: _column(inputs.get(name, 0), width, count) for name, width in self.widths.items()}
        with open_simulation(self.design, self.backend) as simulation:
            run = simulation.run({"sink": words}, {"source": count - skip}, record=True)
        assert (np.diff(run.transfers["sink"]) == 1).all()
        return {
            name: np.concatenate([np.zeros(skip, np.int64), _numbers(column)])
            for name, column in run.outputs["source"].items()
        }


def _column(values, width, count):
    if not isinstance(values, list | np.ndarray):
        values = [values] * count
    if width <= 63:
        return np.array(values, np.int64)
    size = -(-width // 8)
    data = b"".join((int(value) & (1 << width) - 1).to_bytes(size, "little") for value in values)
    return np.frombuffer(data, np.uint8).reshape(count, size)


def _numbers(column):
    if column.ndim == 1:
        return column
    return np.array([int.from_bytes(bytes(row), "little") for row in column], object)
