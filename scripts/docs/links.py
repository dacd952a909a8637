"""The units of the accelerator and what joins them, from the elaborated design."""

import importlib
import re
from collections import Counter
from dataclasses import dataclass, field

from myhdl_acc.cli.top import top_design
from myhdl_acc.hdl.convert.entity import elaborating, is_output, leaf_ports

MEMORY_PORTS = ("source_ar", "sink_r", "source_aw", "source_w", "sink_b")
"""Streams of the accelerator that go to memory; the others are the host's."""

BUS = 32
"""Bits from which on a plain signal between two units is a link; narrower ones are control."""


@dataclass(frozen=True)
class Link:
    """``count`` links of ``bits`` bits of payload from one unit to another: streams, or plain signals."""

    source: str
    sink: str
    name: str
    bits: int
    count: int
    stream: bool


@dataclass
class _Unit:
    """An instance, or what is outside: ``ports``: {flattened name: (signal, is it an output)}."""

    name: str
    library: bool
    ports: dict = field(default_factory=dict)


def links(config):
    """({unit: number of instances}, [Link]) of the accelerator; ``host`` and ``HBM`` are outside.

    Blocks of the stream library belong to the link that they lie in. Only signals that one instance drives and another
    one reads are links: what a process of the top makes of them is not followed.
    """
    block, arguments = top_design(config).spec.build()
    with elaborating() as state:
        instance = block(**arguments)
    entities = {spec.function: importlib.import_module(spec.module) for spec in state.children}
    host, memory = _Unit("host", False), _Unit("HBM", False)
    for name, value in arguments.items():
        outside = memory if name in MEMORY_PORTS else host
        for port, signal in leaf_ports(name, value):
            outside.ports[port] = signal, not is_output(port, block.outputs)
    units = [host, memory]
    for function, stub in _instances(instance, entities):
        module = entities[function]
        outputs = getattr(module, function).outputs
        ports = {port: (signal, is_output(port, outputs)) for port, signal in stub.sigdict.items()}
        units.append(_Unit(function, module.__name__.startswith("myhdl_acc.hdl.stream."), ports))
    counts = Counter(unit.name for unit in units[2:] if not unit.library)
    return dict(counts), _links(units)


def _instances(block, entities):
    for sub in getattr(block, "subs", ()):
        function = getattr(getattr(sub, "vhdl_code", None), "funcname", None)
        if function in entities:
            yield function, sub
        else:
            yield from _instances(sub, entities)


def _links(units):
    drivers = {id(signal): (unit, port) for unit in units for port, (signal, out) in unit.ports.items() if out}
    found = Counter()
    for unit in units:
        for port, (signal, out) in unit.ports.items():
            if out or unit.library or id(signal) not in drivers:
                continue
            if port.endswith("_valid"):
                bits = _payload_bits(unit, port.removesuffix("_valid"))
                for driver, origin in _origins(*drivers[id(signal)], drivers):
                    names = [_stem(end.removesuffix("_valid")) for end in (origin, port)]
                    name = next(filter(None, reversed(names) if driver is units[0] else names))
                    found[driver.name, unit.name, name, bits, True] += 1
            elif (signal._nrbits or 1) >= BUS and not re.search("(^|_)(sink|source)_", port):
                driver, origin = drivers[id(signal)]
                found[driver.name, unit.name, _stem(origin), signal._nrbits, False] += 1
    return [Link(source, sink, name, bits, n, stream) for (source, sink, name, bits, stream), n in found.items()]


def _origins(unit, port, drivers):
    """(unit, port) that a stream comes from, through blocks of the stream library."""
    if not unit.library:
        yield unit, port
        return
    for sink, (signal, out) in unit.ports.items():
        if sink.endswith("_valid") and not out:
            yield from _origins(*drivers[id(signal)], drivers)


def _payload_bits(unit, stream):
    fields = [port for port in unit.ports if re.fullmatch(rf"{stream}_(?!valid$|ready$|ch\d)\w+", port)]
    return sum(unit.ports[port][0]._nrbits or 1 for port in fields)


def _stem(port):
    """A port's name without its record, direction and number; empty for plain ``sink`` and ``source``."""
    return re.sub(r"^(.*_)?(sink|source)(_|$)|_?(ch|lane|row)\d+$", "", port)
