"""The converted VHDL as a hierarchy: entities, their cells, and how many wires go from region to region."""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from golden.errors import InputError

_PORT = re.compile(r"^ +(\w+): (in|out) (std_logic|\w+ ?\((\d+) downto 0\));?$", re.MULTILINE)
_SIGNAL = re.compile(r"^signal (\w+): (?:std_logic|\w+ ?\((\d+) downto 0\))", re.MULTILINE)
_INSTANCE = re.compile(r"^(u_\w+): entity work\.(\w+)\n(.*?)^ +\);$", re.MULTILINE | re.DOTALL)
_PROCESS = re.compile(r"^\w+: process.*?^end process \w+;$", re.MULTILINE | re.DOTALL)
_MAPPED = re.compile(r"^ +(\w+) => (\w+)", re.MULTILINE)
_PART = r"(\w+)(?:\((\d+)(?:-1 downto (\d+))?\))?"
#: A wire: ``a <= b;``, each of them whole, some bits or one bit, perhaps as another type.
_COPY = re.compile(rf"{_PART} <= (?:signed|unsigned)?\(?{_PART}\)?")


class Entity:
    """An entity of converted VHDL; what it has is read when it is asked for."""

    def __init__(self, text):
        head, _, body = text.partition("\nbegin\n")
        self._head = head
        self._body = body.partition("end architecture")[0]

    @cached_property
    def ports(self):
        """{name: bits}"""
        return {name: int(high or 0) + 1 for name, _, _, high in _PORT.findall(self._head)}

    @cached_property
    def signals(self):
        """{name: bits} of ports and signals."""
        return self.ports | {name: int(high or 0) + 1 for name, high in _SIGNAL.findall(self._head)}

    @cached_property
    def cells(self):
        """{label: (entity, {port: signal})}"""
        return {label: (name, dict(_MAPPED.findall(ports))) for label, name, ports in _INSTANCE.findall(self._body)}

    @cached_property
    def statements(self):
        """The text of every process and of every assignment outside one."""
        rest = _INSTANCE.sub("", self._body)
        return _PROCESS.findall(rest) + [line.strip() for line in _PROCESS.sub("", rest).split(";") if line.strip()]


@dataclass(frozen=True)
class Hierarchy:
    """``top`` and ``texts``: {entity: VHDL} of a conversion. A cell's path is its labels, ``u_engine0/u_lane3``."""

    top: str
    texts: dict

    @cached_property
    def entities(self):
        return {name: Entity(text) for name, text in self.texts.items()}

    def entity_of(self, path):
        """The entity of a cell, that of the top for ""; raises InputError if there is no such cell."""
        name = self.top
        for label in filter(None, path.split("/")):
            cells = self.entities[name].cells
            if label not in cells:
                raise InputError(f"floorplan: {name} has no cell {label} ({path})")
            name = cells[label][0]
        return name

    @classmethod
    def of(cls, top, files):
        """Of the VHDL files of a conversion."""
        return cls(top, {file.stem: file.read_text() for file in files if file.suffix == ".vhd"})

    def placed(self, regions):
        """{cell: region} in which no cell is in another one: those of ``regions`` with cells below them that lie
        elsewhere are replaced by the rest of their cells.
        """
        found = {}
        for path, region in regions.items():
            if not _below(path, regions):
                self.entity_of(path)
                found[path] = region
                continue
            for label in self.entities[self.entity_of(path)].cells:
                cell = f"{path}/{label}".lstrip("/")
                if cell not in regions:
                    found |= self.placed({cell: region} | {below: regions[below] for below in _below(cell, regions)})
        return found

    def crossings(self, regions, ports):
        """{(region, next region): wires between them} of regions numbered along a line.

        ``regions``: {path: number} of cells; what is not in one of these belongs to the nearest cell above it that is
        listed, "" at last. ``ports(name)``: the number of what a port of the top leads to. A wire between regions that
        are not neighbours counts at every boundary. An assignment that only copies bits is a wire and lies nowhere;
        other logic lies where its cell does.
        """
        nets = _Nets()
        top = {name: nets.new(bits) for name, bits in self.entities[self.top].ports.items()}
        for name, net in top.items():
            nets.touch(net, ports(name))
        self._connect("", self.top, top, regions, nets)
        return nets.crossings()

    def _connect(self, path, name, known, regions, nets):
        region = regions[path]
        entity = self.entities[name]
        for signal, bits in entity.signals.items():
            if signal not in known:
                known[signal] = nets.new(bits)
        opened = {"/".join(cell.split("/")[: path.count("/") + 1 + bool(path)]) for cell in _below(path, regions)}
        for label, (child, ports) in entity.cells.items():
            below = f"{path}/{label}".lstrip("/")
            inside = {port: known[signal] for port, signal in ports.items() if signal in known}
            if _below(below, regions):
                self._connect(below, child, inside, {below: region} | regions, nets)
            else:
                for net in inside.values():
                    nets.touch(net, regions.get(below, region))
            opened.discard(below)
        if opened:
            raise InputError(f"floorplan: no cell {', '.join(sorted(opened))}")
        for statement in entity.statements:
            copy = _COPY.fullmatch(statement)
            if copy and copy[1] in known and copy[4] in known:
                nets.join(_bits(known, copy[1], copy[2], copy[3]), _bits(known, copy[4], copy[5], copy[6]))
            else:
                for signal in set(re.findall(r"\w+", statement)) & known.keys():
                    nets.touch(known[signal], region)


def _below(path, regions):
    return [cell for cell in regions if cell != path and (cell.startswith(f"{path}/") or not path)]


def _bits(known, name, high, low):
    net = known[name]
    if high is None:
        return net
    return net[int(low) : int(high)] if low is not None else net[int(high) : int(high) + 1]


class _Nets:
    """Wires, each a number; those that are joined are one."""

    def __init__(self):
        self._same, self._regions = [], {}

    def new(self, bits):
        first = len(self._same)
        self._same += range(first, first + bits)
        return range(first, first + bits)

    def touch(self, net, region):
        for wire in net:
            self._regions.setdefault(wire, set()).add(region)

    def join(self, one, two):
        for a, b in zip(one, two, strict=False):
            self._same[self._root(a)] = self._root(b)

    def _root(self, wire):
        while self._same[wire] != wire:
            self._same[wire] = wire = self._same[self._same[wire]]
        return wire

    def crossings(self):
        touched = {}
        for wire, regions in self._regions.items():
            touched.setdefault(self._root(wire), set()).update(regions)
        found = Counter()
        for regions in touched.values():
            found.update((region, region + 1) for region in range(min(regions), max(regions)))
        return dict(sorted(found.items()))
