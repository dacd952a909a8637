"""Blocks that stay entities of their own when the design is converted.

MyHDL flattens a design into one file. A block decorated with ``@entity`` simulates like any ``@block``; while its
*parent* is converted it is replaced by an instantiation of a separately converted entity, so each distinct entity
is converted once, however often it is used.

Ports are given by name; ``clk`` and ``rst`` are those of the block that uses the entity unless others are given.
"""

import contextlib
import dataclasses
import enum
import functools
import hashlib
import importlib
import inspect
from dataclasses import dataclass

import numpy as np
from myhdl import ResetSignal, Signal, intbv, modbv
from myhdl._block import _Block, block_decorator
from myhdl._extractHierarchy import _UserVerilogCode, _UserVhdlCode
from myhdl._Signal import _Signal

from golden.errors import InputError
from myhdl_acc.hdl.circuit import building, install, with_domain

install()

simulation_checks = None
"""What ``monitor.monitoring`` has every simulated entity watched by: (its name, its arguments) -> instances."""


class _Elaboration:
    """State of the conversion that is under way in this process (``current`` is None in plain simulation)."""

    current = None

    def __init__(self, names=None):
        self.top_seen = False
        self.children = []  # specs of the entities that the top instantiates, in order of first use
        self.names = names or {}  # spec key -> entity name
        self.keys = set()  # of the children


@contextlib.contextmanager
def elaborating(names=None):
    """Within this context the first entity that is called is real and the entities below it are stubs.

    ``names`` maps EntitySpec keys to entity names; an entity that is not in it is called like its function.
    """
    _Elaboration.current = _Elaboration(names)
    try:
        yield _Elaboration.current
    finally:
        _Elaboration.current = None


@dataclass(frozen=True)
class EntitySpec:
    """What distinguishes one converted entity from another: the block and its arguments, signals by type only."""

    module: str
    function: str
    arguments: tuple  # (name, description) in order; see describe()

    @property
    def key(self):
        """A digest that is the same for equal specs in every process."""
        return hashlib.sha256(canonical((self.module, self.function, self.arguments)).encode()).hexdigest()

    def build(self):
        """The decorated block and fresh arguments for it: (block, {argument name: value})."""
        deco = getattr(importlib.import_module(self.module), self.function)
        return deco, {name: recreate(description) for name, description in self.arguments}


def canonical(value):
    """A text that is equal exactly for equal constants (a pickle is not: it depends on shared objects and caches)."""
    if value is None or isinstance(value, bool | int | float | complex | str | bytes):
        return repr(value)
    if isinstance(value, enum.Enum):
        return str(value)
    if isinstance(value, tuple | list):
        return f"{type(value).__name__}({','.join(map(canonical, value))})"
    if isinstance(value, set | frozenset):
        return f"{type(value).__name__}({','.join(sorted(map(canonical, value)))})"
    if isinstance(value, dict):
        return f"dict({','.join(f'{canonical(k)}:{canonical(v)}' for k, v in value.items())})"
    if isinstance(value, np.ndarray | np.generic):
        return f"array({value.dtype.str},{value.shape},{value.tobytes().hex()})"
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return f"{type(value).__module__}.{type(value).__qualname__}{canonical(fields)}"
    if callable(value) and hasattr(value, "__qualname__"):
        return f"{value.__module__}.{value.__qualname__}"
    raise InputError(f"entity: an argument of type {type(value).__name__} cannot be compared between instances")


def describe(value, port="", outputs=()):
    """A picklable description of a block argument: a signal's type, an interface's members, a constant's value.

    The initial value of an output belongs to it, since it is what reset loads; that of an input does not.
    """
    if isinstance(value, _Signal):
        init = value._init if is_output(port, outputs) else None
        if isinstance(value, ResetSignal):
            return ("reset", int(value.active), value.isasync)
        port_type(port, value)  # raises for a signal that has no fixed width
        if isinstance(value.val, bool):
            return ("bit", bool(init))
        kind = "modbv" if isinstance(value.val, modbv) else "intbv"
        start = (0 if value.min <= 0 < value.max else int(value.min)) if init is None else int(init)
        return (kind, int(value.min), int(value.max), start)
    if isinstance(value, list | tuple) and _is_wiring(value):
        raise InputError(f"entity: port {port} is a list of signals or interfaces; use stream.Array")
    if _is_wiring(value):
        cls = type(value)
        members = tuple((name, describe(item, f"{port}_{name}", outputs)) for name, item in vars(value).items())
        return ("interface", cls.__module__, cls.__qualname__, members)
    return ("constant", value)


def _is_wiring(value):
    if isinstance(value, _Signal):
        return True
    if isinstance(value, list | tuple):
        return any(map(_is_wiring, value))
    return hasattr(value, "__dict__") and not isinstance(value, type) and any(map(_is_wiring, vars(value).values()))


def recreate(description):
    """The inverse of describe(), with fresh signals."""
    kind, *rest = description
    if kind == "reset":
        return ResetSignal(0, active=rest[0], isasync=rest[1])
    if kind == "bit":
        return Signal(rest[0])
    if kind in ("intbv", "modbv"):
        low, high, start = rest
        return Signal((intbv if kind == "intbv" else modbv)(start, min=low, max=high))
    if kind == "interface":
        cls = importlib.import_module(rest[0])
        for part in rest[1].split("."):
            cls = getattr(cls, part)
        value = cls.__new__(cls)
        for name, item in rest[2]:
            setattr(value, name, recreate(item))
        return value
    return rest[0]


def port_type(name, sig):
    """(width in bits, signed) of a port signal; raises InputError for one without a fixed width."""
    if isinstance(sig.val, bool):
        return 1, False
    if not isinstance(sig.val, intbv) or not sig._nrbits or sig.min is None:
        raise InputError(f"entity: port {name} has no fixed width; make it a bool or an intbv with bounds")
    return sig._nrbits, bool(sig.min < 0)


def leaf_ports(name, value):
    """Yield (port name as MyHDL flattens it, signal) for one block argument."""
    if isinstance(value, _Signal):
        yield name, value
    elif hasattr(value, "__dict__"):
        for attribute, item in vars(value).items():
            if _is_wiring(item):
                yield from leaf_ports(f"{name}_{attribute}", item)


def is_output(port, outputs):
    """Direction of a flattened port: streams by the sink/source convention, other signals as declared.

    In a record of streams it is the stream's own name that counts, whatever the record is called.
    """
    for part in reversed(port.split("_")[:-1]):
        if part in ("sink", "source"):
            return (part == "sink") == port.endswith("_ready")
    return any(port == out or port.startswith(out + "_") for out in outputs)


class _Entity(block_decorator):
    outputs = ()

    def __call__(self, *args, **kwargs):
        # _Block looks at the call stack by position, so both kinds of instance are made right here.
        state = _Elaboration.current
        kwargs = with_domain(self.func, args, kwargs)
        name = f"{self.func.__name__}{self.calls}"
        self.calls += 1
        if state is None or not state.top_seen:
            if state is not None:
                state.top_seen = True
            instance = _Block(self.func, self, name, self.srcfile, self.srcline, False, *args, **kwargs)
            if state is None and simulation_checks is not None:
                with building(None):
                    instance.subs += simulation_checks(name, self.bind(*args, **kwargs))
            return instance
        instance = _Block(_nothing, self, name, self.srcfile, self.srcline, False)
        _attach_instantiation(instance, self, self.bind(*args, **kwargs), state)
        return instance

    @functools.cached_property
    def signature(self):
        return inspect.signature(self.func)

    def bind(self, *args, **kwargs):
        """The arguments of a call by name, defaults included; raises InputError if they do not fit."""
        try:
            bound = self.signature.bind(*args, **kwargs)
        except TypeError as error:
            raise InputError(f"entity {self.func.__name__}: {error}") from None
        bound.apply_defaults()
        return bound.arguments

    def spec(self, arguments):
        """The EntitySpec of a call with these arguments (a mapping by name)."""
        described = tuple((name, describe(value, name, self.outputs)) for name, value in arguments.items())
        return EntitySpec(self.func.__module__, self.func.__name__, described)


def is_entity(block):
    """Whether a block was decorated with ``@entity``."""
    return isinstance(block, _Entity)


def _nothing():
    return []


def _attach_instantiation(instance, deco, arguments, state):
    instance.spec = spec = deco.spec(arguments)
    key = spec.key
    if key not in state.keys:
        state.keys.add(key)
        state.children.append(spec)
    entity_name = state.names.get(key, spec.function)
    ports = [leaf for name, value in arguments.items() for leaf in leaf_ports(name, value)]
    for port, sig in ports:
        if is_output(port, deco.outputs):
            sig.driven = "wire"
        else:
            sig.read = True
        sig._markUsed()
        # Wires that live only in a Python list of the parent have no name there; the stub gives them one.
        instance.sigdict[port] = sig
    namespace = {f"p{i}": sig for i, (_, sig) in enumerate(ports)}
    namespace["label"] = _Label(instance)
    vhdl = ",\n      ".join(f"{port} => $p{i}" for i, (port, _) in enumerate(ports))
    verilog = ",\n    ".join(f".{port}($p{i})" for i, (port, _) in enumerate(ports))
    where = (deco.func.__name__, deco.func, deco.srcfile, deco.srcline)
    instance.vhdl_code = _UserVhdlCode(
        f"$label: entity work.{entity_name}\n    port map (\n      {vhdl}\n    );", namespace, *where
    )
    instance.verilog_code = _UserVerilogCode(f"{entity_name} $label (\n    {verilog}\n);", namespace, *where)


class _Label:
    """The label of an instantiation: where the instance is in its entity, whose plain blocks are flattened."""

    def __init__(self, instance):
        self.instance = instance

    def __str__(self):
        return f"u_{self.instance.path}"


def name_instances(block, prefix=""):
    """Number the instances within each block from 0, so that their names do not depend on what else was elaborated.

    Leading underscores of private blocks go, since VHDL has none.
    """
    counts = {}
    for sub in block.subs:
        if isinstance(sub, _Block):
            base = _function_name(sub).strip("_")
            number = counts.setdefault(base, 0)
            counts[base] += 1
            sub.name = f"{base}{number}"
            sub.path = prefix + sub.name
            name_instances(sub, sub.path + "_")


def _function_name(block):
    return block.vhdl_code.funcname if block.func is _nothing else block.func.__name__


def entity(func=None, *, outputs=(), latency=None):
    """Decorate a block that keeps its own entity in the converted HDL.

    ``outputs`` names the arguments that are driven by the block, apart from streams, whose direction follows from
    their name (``sink…`` in, ``source…`` out). Conversion checks the declaration against what the block drives.
    ``latency``: cycles from its operands to its results, an attribute of the block; see hdl/timed.py.
    """
    if func is None:
        return lambda f: entity(f, outputs=outputs, latency=latency)
    deco = type("entity", (_Entity,), {"outputs": tuple(outputs), "latency": latency})
    return deco(func)
