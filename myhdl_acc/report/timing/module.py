"""Static timing analysis of one entity: its own cells, and those below it as what it sees of them."""

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from heapq import heappop, heappush

from myhdl_acc.hdl.convert.errors import ConversionError

_CONSTANTS = {"0", "1", "x", "z"}


@dataclass(frozen=True)
class Hop:
    """A part of a path that lies in one ``entity``: its ``ns``, of these ``wires``, and its ``levels`` of logic."""

    entity: str
    ns: float
    wires: float
    levels: int


@dataclass(frozen=True)
class Path:
    """From ``start`` to ``end`` (cells and ports by name), through ``hops`` in their order."""

    start: str
    end: str
    hops: tuple

    @property
    def ns(self):
        return sum(hop.ns for hop in self.hops)

    @property
    def wires(self):
        return sum(hop.wires for hop in self.hops)

    @property
    def levels(self):
        return sum(hop.levels for hop in self.hops)


@dataclass
class _Edge:
    """From a net to another one, or to a clock (``target`` None), through a cell: ``ns`` of the cell alone."""

    target: int
    ns: float
    cell: str
    levels: int = 0
    direct: bool = False  # its wire takes nothing
    beside: bool = False  # nor does it where a lookup table drives it alone
    absorbs: bool = False  # nor where a register does
    below: tuple = None  # (child, input pin, output pin or None): the path lies in an entity below


@dataclass
class _Node:
    """A net: what it drives, what begins it."""

    edges: list = field(default_factory=list)
    launch: _Edge = None
    loads: int = 0
    table: bool = False  # a lookup table drives it
    port: bool = False  # an input of the entity: its wire is counted outside


class Module:
    """An entity's netlist (``modules`` of Yosys' JSON) on a Part; ``below``: {entity: Module} of what it instantiates.

    Pins are (port, bit). Raises ConversionError for logic in a circle.
    """

    def __init__(self, name, netlist, part, below):
        self.name, self._part, self._below = name, part, below
        self._nodes = defaultdict(_Node)
        self.lacking, self._absorbing = {}, {}
        self._inputs = dict(_pins(netlist["ports"], "input"))
        self._outputs = dict(_pins(netlist["ports"], "output"))
        names = {
            net: name
            for name, given in netlist["netnames"].items()
            if not given.get("hide_name")
            for net in given["bits"]
        }
        for cell, given in netlist["cells"].items():
            self._add(self._name(cell, given, names), given)
        for net in self._inputs.values():
            self._nodes[net].port = True
        for cell, (before, behind) in self._absorbing.items():
            if not all(self._nodes[net].launch or self._nodes[net].port for net in before):
                self.lacking[cell] = "registers before it"
            elif not all(edge.target is None for net in behind for edge in self._nodes[net].edges):
                self.lacking[cell] = "registers behind it"
        self._order = self._sorted()

    # -- what is there

    def _name(self, cell, given, names):
        """A register's is that of what it holds."""
        held = given["connections"].get("Q", ())
        return names.get(held[0], cell) if len(held) == 1 else cell

    def _add(self, cell, given):
        kind = given["type"]
        pins = {"input": [], "output": []}
        for port, bits in given["connections"].items():
            for bit, net in enumerate(bits):
                side = given["port_directions"][port]
                if net not in _CONSTANTS and side in pins:  # what is both is a pad's
                    pins[side].append(((port, bit), net))
        if kind in self._below:
            self._add_entity(cell, self._below[kind], dict(pins["input"]), dict(pins["output"]))
        else:
            self._add_cell(cell, kind, given["parameters"], pins)

    def _add_cell(self, cell, kind, parameters, pins):
        ports = {side: {port for (port, _), _ in found} for side, found in pins.items()}
        timing = self._part.timing_of(kind, parameters, ports["input"], ports["output"])
        if timing.lacks:
            self.lacking[cell] = timing.lacks
        if timing.absorbs:
            self._absorbing[cell] = [[net for _, net in pins[side]] for side in ("input", "output")]
        for (port, _), net in pins["input"]:
            node = self._nodes[net]
            wire = {"direct": port in timing.direct, "beside": port in timing.beside, "absorbs": timing.absorbs}
            for arc in timing.arcs:
                if port in arc.inputs:
                    for (there, _), target in pins["output"]:
                        if there in arc.outputs:
                            node.edges.append(_Edge(target, arc.ns, cell, timing.levels, **wire))
            if port in (timing.setup or {}):
                node.edges.append(_Edge(None, timing.setup[port], cell, **wire))
            node.loads += not wire["direct"]
        for (port, _), net in pins["output"]:
            self._nodes[net].table = timing.levels > 0
            if port in (timing.launch or {}):
                self._nodes[net].launch = _Edge(net, timing.launch[port], cell)

    def _add_entity(self, cell, child, inputs, outputs):
        for pin, net in inputs.items():
            node = self._nodes[net]
            node.loads += 1
            if pin in child.captures:
                node.edges.append(_Edge(None, child.captures[pin], cell, below=(child, pin, None)))
            for there, ns in child.arcs.get(pin, {}).items():
                if there in outputs:
                    node.edges.append(_Edge(outputs[there], ns, cell, below=(child, pin, there)))
        for pin, net in outputs.items():
            if pin in child.launches:
                self._nodes[net].launch = _Edge(net, child.launches[pin], cell, below=(child, None, pin))

    def _sorted(self):
        """Nets, each before those that it leads to."""
        before = defaultdict(int)
        for node in self._nodes.values():
            for edge in node.edges:
                if edge.target is not None:
                    before[edge.target] += 1
        ready = [net for net in self._nodes if not before[net]]
        order = []
        while ready:
            net = ready.pop()
            order.append(net)
            for edge in self._nodes[net].edges:
                if edge.target is not None:
                    before[edge.target] -= 1
                    if not before[edge.target]:
                        ready.append(edge.target)
        if len(order) < len(self._nodes):
            raise ConversionError(f"{self.name}: there is logic in a circle")
        return order

    def _wire(self, node, edge):
        """The wire's ns to an edge: of one that comes from outside, what it takes longer than to an only load."""
        if edge.direct or (edge.beside and node.table and node.loads == 1) or (edge.absorbs and node.launch):
            return 0.0
        return self._part.wires.more(node.loads) if node.port else self._part.wires.ns(node.loads)

    # -- what those above see

    @cached_property
    def _arrivals(self):
        """{net: (ns after the clock, the edge by which it comes, the net before)}."""
        found = {}
        for net in self._order:
            node = self._nodes[net]
            if node.launch and (net not in found or found[net][0] < node.launch.ns):
                found[net] = (node.launch.ns, node.launch, None)
            if net not in found:
                continue
            for edge in node.edges:
                if edge.target is not None:
                    ns = found[net][0] + self._wire(node, edge) + edge.ns
                    if ns > found.get(edge.target, (-1,))[0]:
                        found[edge.target] = (ns, edge, net)
        return found

    @cached_property
    def _tails(self):
        """{net: (ns until a clock takes it, by which edge)}."""
        found = {}
        for net in reversed(self._order):
            node = self._nodes[net]
            best = None
            for edge in node.edges:
                rest = 0.0 if edge.target is None else found.get(edge.target, (None,))[0]
                if rest is not None:
                    ns = self._wire(node, edge) + edge.ns + rest
                    if best is None or ns > best[0]:
                        best = (ns, edge)
            if best:
                found[net] = best
        return found

    @cached_property
    def launches(self):
        """{output pin: ns after the clock}."""
        return {pin: self._arrivals[net][0] for pin, net in self._outputs.items() if net in self._arrivals}

    @cached_property
    def captures(self):
        """{input pin: ns before the clock}."""
        return {pin: self._tails[net][0] for pin, net in self._inputs.items() if net in self._tails}

    @cached_property
    def arcs(self):
        """{input pin: {output pin: ns}} of what no register parts."""
        leaving = defaultdict(list)
        for pin, net in self._outputs.items():
            leaving[net].append(pin)
        useful = set()
        for net in reversed(self._order):
            if net in leaving or any(edge.target in useful for edge in self._nodes[net].edges):
                useful.add(net)
        return {
            pin: through
            for pin, net in self._inputs.items()
            if net in useful and (through := self._through(net, useful, leaving))
        }

    def _through(self, start, useful, leaving):
        return {pin: ns for net, (ns, _, _) in self._cone(start, useful).items() for pin in leaving.get(net, ())}

    @cached_property
    def _places(self):
        """{net: its place in the order}."""
        return {net: number for number, net in enumerate(self._order)}

    def _cone(self, start, useful):
        """As _arrivals, from one net alone, over the ``useful`` nets."""
        place = self._places
        found, waiting = {start: (0.0, None, None)}, [(place[start], start)]
        while waiting:
            _, net = heappop(waiting)
            node = self._nodes[net]
            for edge in node.edges:
                if edge.target in useful:
                    if edge.target not in found:
                        heappush(waiting, (place[edge.target], edge.target))
                    ns = found[net][0] + self._wire(node, edge) + edge.ns
                    if ns > found.get(edge.target, (-1,))[0]:
                        found[edge.target] = (ns, edge, net)
        return found

    # -- paths

    def slowest(self, count):
        """The ``count`` slowest Paths from clock to clock, each with another end; those within an entity below are its
        own."""
        ends = {}
        for net, (so_far, _, _) in self._arrivals.items():
            node = self._nodes[net]
            for edge in node.edges:
                if edge.target is None:
                    ns, end = so_far + self._wire(node, edge) + edge.ns, _bare(edge.cell)
                    if ns > ends.get(end, (-1,))[0]:
                        ends[end] = (ns, net, edge)
        worst = sorted(ends.values(), key=lambda one: -one[0])[:count]
        return [self._path(net, last) for _, net, last in worst]

    def _path(self, net, last):
        first, hops = self._traced(net, self._arrivals)
        tail = [*hops, *self._hops(net, last)]
        end = f"{last.cell}.{last.below[0].end_of(last.below[1])}" if last.below else last.cell
        return Path(first, end, merge(tail))

    def _traced(self, net, arrivals):
        """The start and the Hops of the path that ``arrivals`` have to a net."""
        edges = []
        while net is not None:
            _, edge, before = arrivals[net]
            edges.append((before, edge))
            net = before
        hops = [hop for before, edge in reversed(edges) if edge for hop in self._hops(before, edge)]
        first = edges[-1][1]
        if first is None:
            start = ""
        elif first.below:
            start = f"{first.cell}.{first.below[0].start_of(first.below[2])}"
        else:
            start = first.cell
        return start, hops

    def _hops(self, before, edge):
        """Of an edge, with the wire from the net ``before``, if there is one."""
        wire = self._wire(self._nodes[before], edge) if before is not None else 0.0
        own = [Hop(self.name, wire, wire, 0)] if wire else []
        if not edge.below:
            return [*own, Hop(self.name, edge.ns, 0.0, edge.levels)]
        child, given, there = edge.below
        return [*own, *child.hops(given, there)]

    def hops(self, given, there):
        """Of the slowest path between pins; ``given`` or ``there`` is None where a clock is that end."""
        if given is None:
            return self._traced(self._outputs[there], self._arrivals)[1]
        if there is None:
            return [hop for net, edge in self._tail(self._inputs[given]) for hop in self._hops(net, edge)]
        cone = self._cone(self._inputs[given], self._places)
        return self._traced(self._outputs[there], cone)[1]

    def _tail(self, net):
        while net is not None:
            _, edge = self._tails[net]
            yield net, edge
            net = edge.target

    def start_of(self, there):
        """The name of what begins the slowest path to an output pin."""
        return self._traced(self._outputs[there], self._arrivals)[0]

    def end_of(self, given):
        """The name of what ends the slowest path from an input pin."""
        *_, (_, edge) = self._tail(self._inputs[given])
        return f"{edge.cell}.{edge.below[0].end_of(edge.below[1])}" if edge.below else edge.cell


def merge(hops):
    """Neighbours of one entity as one."""
    found = []
    for hop in hops:
        if found and found[-1].entity == hop.entity:
            last = found.pop()
            hop = Hop(hop.entity, last.ns + hop.ns, last.wires + hop.wires, last.levels + hop.levels)
        found.append(hop)
    return tuple(found)


def _pins(ports, direction):
    for port, given in ports.items():
        if given["direction"] == direction:
            for bit, net in enumerate(given["bits"]):
                if net not in _CONSTANTS:
                    yield (port, bit), net


def _bare(cell):
    """A cell's name without the number of its bit: registers of a word end one path."""
    return cell.rstrip("0123456789_[]")
