"""Any block of the vector unit that cannot be stalled, between two streams, so that every simulator can drive it."""

import importlib
import importlib.util
import inspect

import numpy as np
from myhdl import Signal, always_comb, block, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.delay import delay_reset
from myhdl_acc.hdl.record import Record, signed, unsigned
from myhdl_acc.hdl.stream import Stream
from myhdl_acc.hdl.wiring import unused
from myhdl_acc.simulate import Design, clock, open_simulation, reset
from myhdl_acc.simulate.scoreboard import check_words

PACKAGE = "myhdl_acc.rtl.vector"


def module_of(block):
    """The module of a block: of the arithmetic, or of the vector unit itself."""
    room = "arith" if importlib.util.find_spec(f"{PACKAGE}.arith.{block}") else "unit"
    return importlib.import_module(f"{PACKAGE}.{room}.{block}")


def arguments(block_, signals):
    """``signals`` by the names of ports as the block's arguments: what is ``scale_mantissa`` there is in record
    ``scale`` here."""
    found = {}
    for name in inspect.signature(block_.func).parameters:
        members = {port.removeprefix(f"{name}_"): s for port, s in signals.items() if port.startswith(f"{name}_")}
        if name in signals:
            found[name] = signals[name]
        elif members:
            found[name] = Record(**members)
    return found


@entity
def unit_bench(clk, rst, sink, source, unit):
    """Block ``unit`` with the payload of ``sink`` as operands and that of ``source`` as results, by their names."""
    module = module_of(unit)
    tested = getattr(module, unit)
    tested(**arguments(tested, sink.payload() | source.payload()))
    follow(sink=sink, source=source, latency=module.LATENCY)


def random_words(count, seed):
    """Random bits, as many in each octave as in any other."""
    rng = np.random.default_rng(seed)
    words = rng.integers(0, 1 << 31, count) >> rng.integers(0, 24, count) | rng.integers(0, 2, count) << 31
    words[:4] = [0, (1 << 32) - 1, 1 << 31, (1 << 31) - 1]
    return words


@block
def follow(clk, rst, sink, source, latency):
    """``source`` is valid ``latency`` cycles after each word of ``sink``, which is always accepted."""
    now, later = Signal(intbv(0)[1:]), Signal(intbv(0)[1:])
    unused(source.ready)

    @always_comb
    def take():
        sink.ready.next = not rst
        now.next = sink.valid

    delay_reset(d=now, q=later, stages=latency)

    @always_comb
    def give():
        source.valid.next = later[0]


def fields(widths):
    """Fields of a stream from ``{name: bits}``, negative for signed ones."""
    return {name: signed(-bits) if bits < 0 else unsigned(bits) for name, bits in widths.items()}


def check_unit(unit, operands, results, words, expected, backend, seed=None):
    """Asserts that ``unit`` makes ``expected`` of ``words``, both ``{field: array}``.

    ``operands`` and ``results`` are the widths of their fields. Asserts, too, that the unit takes a word in every cycle
    (or whenever one comes: ``seed`` makes random gaps) and that every result is there LATENCY cycles after its word.
    """
    streams = {"sink": Stream(**fields(operands)), "source": Stream(**fields(results))}
    design = Design(unit_bench, clk=clock(), rst=reset(), **streams, unit=unit)
    count = len(next(iter(words.values())))
    gaps = {} if seed is None else {"sink": np.random.default_rng(seed).integers(0, 4, count)}
    with open_simulation(design, backend) as simulation:
        run = simulation.run({"sink": words}, {"source": count}, gaps=gaps, record=True)
    check_words(run.outputs["source"], expected)
    assert (run.transfers["source"] - run.transfers["sink"] == module_of(unit).LATENCY).all()
    if seed is None:
        assert (np.diff(run.transfers["sink"]) == 1).all()


def edge_values(bits, rng, count):
    """Signed values of every magnitude, half of them within two of a power of two; at most 2^62 in magnitude."""
    bits = min(bits, 63)
    power = np.left_shift(1, rng.integers(0, bits, count))
    step = np.where(rng.random(count) < 0.5, rng.integers(-2, 3, count), (rng.random(count) * power).astype(np.int64))
    low = -(1 << (bits - 1))
    values = np.clip((power + step) * rng.choice([-1, 1], count), low, -low - 1)
    values[:4] = [low, -low - 1, 0, -1]
    return values


def edge_naturals(bits, rng, count):
    """Like edge_values(), but unsigned."""
    power = np.left_shift(1, rng.integers(0, bits, count))
    step = np.where(rng.random(count) < 0.5, rng.integers(-2, 3, count), (rng.random(count) * power).astype(np.int64))
    values = np.clip(power + step, 0, (1 << bits) - 1)
    values[:4] = [0, 1, 2, (1 << bits) - 1]
    return values


def edge_mantissas(rng, count):
    """Mantissas of scales, one in three an extreme one."""
    extreme = rng.choice([0x8000, 0x8001, 0xFFFF], count)
    return np.where(rng.random(count) < 1 / 3, extreme, rng.integers(0x8000, 0x10000, count))
