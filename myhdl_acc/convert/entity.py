"""Blocks that stay entities of their own when the design is converted.

MyHDL flattens a design into one file. A block decorated with ``@entity`` simulates like any ``@block``; while its
*parent* is converted it is replaced by an instantiation of a separately converted entity, so each distinct entity
is converted once, however often it is used.
"""

import contextlib
import hashlib
import importlib
import inspect
import pickle
from dataclasses import dataclass

from myhdl import ResetSignal, Signal, block, intbv, modbv
from myhdl._block import _Block, block_decorator
from myhdl._extractHierarchy import _UserVerilogCode, _UserVhdlCode
from myhdl._Signal import _Signal


class _Elaboration:
    """State of the conversion that is under way in this process (None: plain simulation)."""

    current = None

    def __init__(self, names=None):
        self.top_seen = False
        self.children = []  # specs of the entities that the top instantiates, in order of first use
        self.names = names or {}  # spec key -> entity name


@contextlib.contextmanager
def elaborating(names=None):
    """Within this context the first entity that is called is real and the entities below it are stubs."""
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
        return hashlib.sha256(pickle.dumps(self, protocol=4)).hexdigest()

    def build(self):
        """Call the block with fresh signals; returns (block instance, {argument name: value})."""
        deco = getattr(importlib.import_module(self.module), self.function)
        values = {name: recreate(description) for name, description in self.arguments}
        return deco, values


def describe(value):
    """A picklable, hashable description of a block argument."""
    if isinstance(value, ResetSignal):
        return ("reset", int(value.active), value.isasync)
    if isinstance(value, _Signal):
        val = value.val
        if isinstance(val, bool):
            return ("bit",)
        return ("modbv" if isinstance(val, modbv) else "intbv", val.min, val.max, val._nrbits)
    if isinstance(value, (list, tuple)) and value and isinstance(value[0], _Signal):
        raise TypeError("a list of signals cannot be an entity's port; use stream.Bundle")
    if hasattr(value, "__dict__") and any(_is_wiring(v) for v in vars(value).values()):
        cls = type(value)
        return ("interface", cls.__module__, cls.__qualname__, tuple((k, describe(v)) for k, v in vars(value).items()))
    return ("constant", value)


def _is_wiring(value):
    return isinstance(value, _Signal) or (
        hasattr(value, "__dict__") and any(_is_wiring(v) for v in vars(value).values())
    )


def recreate(description):
    """The inverse of describe(), with fresh signals."""
    kind, *rest = description
    if kind == "reset":
        return ResetSignal(0, active=rest[0], isasync=rest[1])
    if kind == "bit":
        return Signal(bool(0))
    if kind in ("intbv", "modbv"):
        low, high, width = rest
        make = intbv if kind == "intbv" else modbv
        return Signal(make(0)[width:] if low == 0 and high == 1 << width else make(0, min=low, max=high))
    if kind == "interface":
        cls = getattr(importlib.import_module(rest[0]), rest[1])
        value = cls.__new__(cls)
        for name, item in rest[2]:
            setattr(value, name, recreate(item))
        return value
    return rest[0]


def leaf_ports(name, value):
    """Yield (port name as MyHDL flattens it, signal) for one block argument."""
    if isinstance(value, _Signal):
        yield name, value
    elif hasattr(value, "__dict__"):
        for attribute, item in vars(value).items():
            if _is_wiring(item):
                yield from leaf_ports(f"{name}_{attribute}", item)


def is_output(port, outputs):
    """Direction of a flattened port: streams by the sink/source convention, other signals as declared."""
    if port.split("_")[0] == "sink":
        return port.endswith("_ready")
    if port.split("_")[0] == "source":
        return not port.endswith("_ready")
    return any(port == out or port.startswith(out + "_") for out in outputs)


class _Entity(block_decorator):
    outputs = ()

    def __call__(self, *args, **kwargs):
        # _Block looks at the call stack by position, so both kinds of instance are made right here.
        name = f"{self.func.__name__}{self.calls}"
        self.calls += 1
        state = _Elaboration.current
        if state is None:
            return _Block(self.func, self, name, self.srcfile, self.srcline, False, *args, **kwargs)
        if not state.top_seen:
            state.top_seen = True
            return _Block(self.func, self, name, self.srcfile, self.srcline, False, *args, **kwargs)
        bound = inspect.signature(self.func).bind(*args, **kwargs)
        bound.apply_defaults()
        instance = _Block(_nothing, self, name, self.srcfile, self.srcline, False)
        _attach_instantiation(instance, self, bound.arguments, state)
        return instance

    def spec(self, arguments):
        """The EntitySpec of a call with these arguments (a mapping by name)."""
        described = tuple((name, describe(value)) for name, value in arguments.items())
        return EntitySpec(self.func.__module__, self.func.__name__, described)


def _nothing():
    return []


def _attach_instantiation(instance, deco, arguments, state):
    spec = deco.spec(arguments)
    if spec not in state.children:
        state.children.append(spec)
    entity_name = state.names.get(spec.key, spec.function)
    ports = [leaf for name, value in arguments.items() for leaf in leaf_ports(name, value)]
    for port, sig in ports:
        if is_output(port, deco.outputs):
            sig.driven = "wire"
        else:
            sig.read = True
        sig._markUsed()
        # Wires that live only in a Python list of the parent have no name there; the stub gives them one.
        instance.sigdict[port] = sig
    label = "u_" + instance.name
    namespace = {f"p{i}": sig for i, (_, sig) in enumerate(ports)}
    vhdl = ",\n      ".join(f"{port} => $p{i}" for i, (port, _) in enumerate(ports))
    verilog = ",\n    ".join(f".{port}($p{i})" for i, (port, _) in enumerate(ports))
    where = (deco.func.__name__, deco.func, deco.srcfile, deco.srcline)
    instance.vhdl_code = _UserVhdlCode(
        f"{label}: entity work.{entity_name}\n    port map (\n      {vhdl}\n    );", namespace, *where
    )
    instance.verilog_code = _UserVerilogCode(f"{entity_name} {label} (\n    {verilog}\n);", namespace, *where)


def entity(func=None, *, outputs=()):
    """Decorate a block that keeps its own entity in the converted HDL.

    ``outputs`` names the arguments that are driven by the block, apart from streams, whose direction follows from
    their name (``sink…`` in, ``source…`` out). Conversion checks the declaration against what the block drives.
    """
    if func is None:
        return lambda f: entity(f, outputs=outputs)
    deco = type("entity", (_Entity,), {"outputs": tuple(outputs)})
    return deco(func)


__all__ = ["EntitySpec", "block", "elaborating", "entity", "is_output", "leaf_ports"]
