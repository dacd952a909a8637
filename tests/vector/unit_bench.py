"""Any block of the vector unit that cannot be stalled, between two streams, so that every simulator can drive it."""

import importlib

import numpy as np
from myhdl import Signal, always_comb, block, intbv

from myhdl_acc.convert.entity import entity
from myhdl_acc.engine.delay import delay_reset
from myhdl_acc.simulate import Design, clock, open_simulation, reset
from myhdl_acc.stream import Stream
from myhdl_acc.stream.wiring import unused


def module_of(unit):
    return importlib.import_module(f"myhdl_acc.vector.{unit}")


@entity
def unit_bench(clk, rst, sink, source, unit):
    """Block ``unit`` with the payload of ``sink`` as operands and that of ``source`` as results, in their order."""
    module = module_of(unit)
    instance = getattr(module, unit)(clk, *sink.payload().values(), *source.payload().values())
    return instance, follow(clk, rst, sink, source, module.LATENCY)


@block
def follow(clk, rst, sink, source, latency):
    """``source`` is valid ``latency`` cycles after each word of ``sink``, which is always accepted."""
    now, later = Signal(intbv(0)[1:]), Signal(intbv(0)[1:])
    unused(source.ready)

    @always_comb
    def take():
        sink.ready.next = not rst
        now.next = sink.valid

    line = delay_reset(clk, rst, now, later, latency)

    @always_comb
    def give():
        source.valid.next = later[0]

    return take, line, give


def run_unit(unit, operands, results, words, backend, seed=None):
    """What ``unit`` makes of ``words``, ``{field: array}``; ``operands`` and ``results`` are the fields of its streams.

    Asserts that it takes a word per cycle (or whenever one comes: ``seed`` makes random gaps) and that every result is
    there LATENCY cycles after its word.
    """
    design = Design(unit_bench, clk=clock(), rst=reset(), sink=Stream(**operands), source=Stream(**results), unit=unit)
    count = len(next(iter(words.values())))
    gaps = {} if seed is None else {"sink": np.random.default_rng(seed).integers(0, 4, count)}
    with open_simulation(design, backend) as simulation:
        run = simulation.run({"sink": words}, {"source": count}, gaps=gaps, record=True)
    assert (run.transfers["source"] - run.transfers["sink"] == module_of(unit).LATENCY).all()
    if seed is None:
        assert (np.diff(run.transfers["sink"]) == 1).all()
    return run.outputs["source"]
