"""What is simulated: one entity with all its arguments, and the ports that follow from them."""

import re
from dataclasses import dataclass

from myhdl import ResetSignal, Signal

from golden.errors import InputError
from myhdl_acc.hdl.convert.entity import is_entity, is_output, leaf_ports, port_type

_CHANNEL = re.compile(r"(.*)_(?:ch|lane)(\d+)$")


def clock():
    """The clock of a design: every register uses its rising edge."""
    return Signal(bool(0))


def reset():
    """The reset of a design: synchronous, active high."""
    return ResetSignal(0, active=1, isasync=False)


@dataclass(frozen=True)
class Port:
    """A flattened port: ``width`` bits, two's complement if ``signed``; ``bit``: a bool, not a vector of one."""

    name: str
    width: int
    signed: bool
    output: bool
    bit: bool


@dataclass(frozen=True)
class StreamPort:
    """A stream of the design; ``fields`` maps each payload field to (width in bits, signed), in declaration order."""

    name: str
    output: bool
    fields: dict


def unit_and_lane(name):
    """What the events of a stream or probe are filed under.

    ``sink_beat_ch03`` and ``state_lane03`` are lane 3 of ``sink_beat`` and ``state``; what is not a member of such a
    bundle has lane −1.
    """
    channel = _CHANNEL.match(name)
    return (channel[1], int(channel[2])) if channel else (name, -1)


class Design:
    """An ``@entity`` block and all its arguments, ready to be simulated or converted.

    ``Design(m2s_pipe, clk=clock(), rst=reset(), sink=Stream(data=8), source=Stream(data=8))``. The arguments say what
    the ports look like; simulations use signals of their own, so one design serves any number of them.

    ``inputs`` and ``outputs`` are the streams by flattened name (members of an Array are ``sink_beat_ch00``);
    ``levels`` and ``probes`` the plain input and output signals, ``{name: (width, signed)}``; ``ports`` all flattened
    ports in order; ``clock`` and ``reset`` the names of those two, or None; ``spec`` the EntitySpec.

    Raises InputError if the block is not an entity, an argument is missing or a port has no fixed width.
    """

    def __init__(self, block, **arguments):
        if not is_entity(block):
            raise InputError(f"design: {getattr(block, '__name__', block)} must be decorated with @entity")
        self.block = block
        self.spec = block.spec(block.bind(**arguments))
        self.ports = []
        self.inputs, self.outputs, self.levels, self.probes = {}, {}, {}, {}
        self.clock = self.reset = None
        for name, value in block.bind(**arguments).items():
            self._add(name, value, block.outputs)
        self.by_name = {port.name: port for port in self.ports}

    @property
    def name(self):
        return self.spec.function

    @property
    def streams(self):
        """All streams in the order of the ports."""
        first = {name: index for index, name in enumerate(port.name for port in self.ports)}
        both = {**self.inputs, **self.outputs}
        return {name: both[name] for name in sorted(both, key=lambda name: first[f"{name}_valid"])}

    def _add(self, name, value, outputs):
        for leaf, sig in leaf_ports(name, value):
            bit = isinstance(sig.val, bool)
            self.ports.append(Port(leaf, *port_type(leaf, sig), is_output(leaf, outputs), bit))
        if isinstance(value, ResetSignal):
            self.reset = name
        elif name == "clk":
            self.clock = name
        else:
            self._add_pins(name, value, outputs)

    def _add_pins(self, name, value, outputs):
        """File an argument's signals under streams, levels or probes."""
        members = getattr(value, "__dict__", {})
        if "valid" in members and "ready" in members:
            fields = {
                field: port_type(f"{name}_{field}", sig)
                for field, sig in members.items()
                if field not in ("valid", "ready")
            }
            output = is_output(f"{name}_valid", outputs)
            (self.outputs if output else self.inputs)[name] = StreamPort(name, output, fields)
        elif members and not isinstance(value, type(clock())):
            for attribute, member in members.items():
                if any(True for _ in leaf_ports(attribute, member)):
                    self._add_pins(f"{name}_{attribute}", member, outputs)
        elif isinstance(value, type(clock())):
            pins = self.probes if is_output(name, outputs) else self.levels
            pins[name] = port_type(name, value)
