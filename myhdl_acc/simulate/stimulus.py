"""What goes into a run and what comes out of it, checked and in one representation.

A field of up to 63 bits is an int64 array with one value per word. A wider one is a uint8 array of shape
(words, ⌈width / 8⌉), little endian, two's complement if signed, with the bits above the width zero.
"""

from dataclasses import dataclass, field

import numpy as np

from golden.errors import InputError
from myhdl_acc.hdl.stream.stream import STATES


class SimulationError(RuntimeError):
    """The simulated design misbehaves; the message says where and when."""


class DeadlockError(SimulationError):
    """Nothing was transferred on any stream for DEADLOCK_CYCLES cycles, and the run was not done."""


DEADLOCK_CYCLES = 10_000
"""Cycles without a transfer after which a run is given up."""

RESET_CYCLES = 4
"""Rising edges with reset asserted before the first run."""

WIDEST_INTEGER = 63
"""Bits up to which a field is an array of integers, and up to which a probe is recorded."""


@dataclass
class Stimulus:
    """A run's checked arguments: ``words`` of each input stream by field, ``counts`` of words of every stream,
    ``gaps`` of every stream that has some, ``levels`` of the plain inputs that change."""

    words: dict
    counts: dict
    gaps: dict
    levels: dict
    record: bool


@dataclass
class Run:
    """What a run did.

    ``outputs[stream][field]``: the words seen, in the representation of the inputs. ``cycles``: clock cycles from the
    first of the run to its last, which is the one of the last awaited transfer. ``counts[stream]``: cycles in each
    state. Only if recorded: ``transfers[stream]``, the cycle of every transfer, and ``events``, the run-length states
    of every stream and the values (``value:N``) of every probe of at most 63 bits.
    """

    outputs: dict
    cycles: int
    counts: dict
    transfers: dict = field(default_factory=dict)
    events: list = field(default_factory=list)


def check_stimulus(design, inputs, expect, gaps, record):
    """The Stimulus for a run of ``design``; raises InputError for anything that does not fit its ports."""
    inputs, expect, gaps = inputs or {}, expect or {}, gaps or {}
    for name in inputs:
        if name not in design.inputs and name not in design.levels:
            known = ", ".join([*design.inputs, *design.levels]) or "none"
            raise InputError(f"run: {design.name} has no input {name!r}; it has {known}")
    for name in expect:
        if name not in design.outputs:
            raise InputError(f"run: {design.name} has no output stream {name!r}; it has {', '.join(design.outputs)}")
    words = {name: _check_words(port, inputs.get(name, {})) for name, port in design.inputs.items()}
    counts = {name: len(next(iter(columns.values()), ())) for name, columns in words.items()}
    for name, port in design.inputs.items():
        if not port.fields:
            counts[name] = _check_count(name, inputs.get(name, 0))
    for name in design.outputs:
        counts[name] = _check_count(name, expect.get(name, 0))
    for name in gaps:
        if name not in counts:
            raise InputError(f"run: {design.name} has no stream {name!r} to delay; it has {', '.join(counts)}")
    delays = {name: _check_gaps(name, gap, counts[name]) for name, gap in gaps.items()}
    levels = {name: _check_level(name, inputs[name], *design.levels[name]) for name in design.levels if name in inputs}
    return Stimulus(words, counts, delays, levels, bool(record))


def _check_words(port, columns):
    if not port.fields:
        return {}
    if not isinstance(columns, dict):
        raise InputError(f"run: the words of {port.name} must be a mapping of fields to arrays")
    if not columns:
        columns = {name: [] for name in port.fields}
    wrong = sorted(set(columns) ^ set(port.fields))
    if wrong:
        raise InputError(f"run: {port.name} has exactly the fields {', '.join(port.fields)}; check {', '.join(wrong)}")
    checked = {name: _check_column(f"{port.name}.{name}", columns[name], *port.fields[name]) for name in port.fields}
    lengths = {name: len(column) for name, column in checked.items()}
    if len(set(lengths.values())) > 1:
        raise InputError(f"run: the fields of {port.name} differ in length: {lengths}")
    return checked


def _check_column(name, values, width, signed):
    array = np.asarray(values)
    if width > WIDEST_INTEGER:
        size = -(-width // 8)
        if array.size == 0:
            return np.zeros((0, size), np.uint8)
        if array.dtype != np.uint8 or array.ndim != 2 or array.shape[1] != size:
            raise InputError(f"run: {name} has {width} bits: it must be a uint8 array of shape (words, {size})")
        if width % 8 and array[:, -1].max() >> width % 8:
            raise InputError(f"run: {name} has {width} bits, a word has bits set above them")
        return np.ascontiguousarray(array)
    if array.size == 0:
        return np.zeros(0, np.int64)
    if array.ndim != 1 or array.dtype.kind not in "biu":
        raise InputError(f"run: {name} must be a one-dimensional array of integers")
    low, high = limits(width, signed)
    if int(array.min()) < low or int(array.max()) > high:
        raise InputError(f"run: {name} must be in {low}…{high}, it is in {array.min()}…{array.max()}")
    return array.astype(np.int64)


def limits(width, signed):
    """The least and the greatest value of a field."""
    return (-(1 << width - 1), (1 << width - 1) - 1) if signed else (0, (1 << width) - 1)


def _check_count(name, count):
    if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < 0:
        raise InputError(f"run: the number of words of {name} must be an integer from 0, not {count!r}")
    return int(count)


def _check_gaps(name, gaps, count):
    array = np.asarray(gaps)
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iu") or len(array) != count:
        raise InputError(f"run: the gaps of {name} must be {count} integers, one before each word")
    if array.size and array.min() < 0:
        raise InputError(f"run: the gaps of {name} must not be negative")
    return array.astype(np.int64)


def _check_level(name, value, width, signed):
    low, high = limits(width, signed)
    if not isinstance(value, bool | int | np.integer | np.bool_) or not low <= int(value) <= high:
        raise InputError(f"run: {name} must be an integer in {low}…{high}, not {value!r}")
    return int(value)


def deadlock_message(design, streams):
    """One line about a run that is stuck; ``streams`` are (name, words done, words wanted, state)."""
    stuck = "; ".join(f"{name} {STATES[state]} after {done} of {count} words" for name, done, count, state in streams)
    return f"{design.name}: nothing was transferred for {DEADLOCK_CYCLES} cycles: {stuck}"


def rule_message(stream, cycle, what):
    """One line about an output stream that took back or changed a word it had offered."""
    return f"{stream}: {what} in cycle {cycle} while the word offered before had not been taken"


def unknown_message(port, cycle):
    """One line about a port whose bits are not all known when they matter."""
    return (
        f"{port} is unknown in cycle {cycle}: it depends on a register or memory word that was never written or reset"
    )


def to_integers(column, width, signed):
    """A checked column as a list of Python integers."""
    if width <= WIDEST_INTEGER:
        return column.tolist()
    values = [int.from_bytes(row.tobytes(), "little") for row in column]
    return [as_signed(value, width) for value in values] if signed else values


def from_integers(values, width):
    """The inverse of to_integers(); negative values are two's complement."""
    if width <= WIDEST_INTEGER:
        return np.array(values, np.int64)
    size, mask = -(-width // 8), (1 << width) - 1
    packed = b"".join((value & mask).to_bytes(size, "little") for value in values)
    return np.frombuffer(packed, np.uint8).reshape(len(values), size).copy()


def as_signed(value, width):
    """The two's complement number that ``width`` bits stand for."""
    return value - (1 << width) if value >> width - 1 else value
