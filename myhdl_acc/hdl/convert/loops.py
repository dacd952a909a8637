"""Finds combinational loops: what a process assigns depends, through no register, on itself.

Simulators disagree on such loops: one finds values, another gives up, the next never ends. So a design that has one is
refused before it is simulated or converted. Every assignment depends on what it reads and on the conditions around
it; signals count as wholes, not bit by bit.
"""

from dataclasses import dataclass

from myhdl._always import _Always
from myhdl._block import _Block
from myhdl._instance import _Instantiator
from myhdl._ShadowSignal import ConcatSignal, _SliceSignal
from myhdl._Signal import _isListOfSigs, _Signal

from myhdl_acc.hdl.convert.assignments import assignments


@dataclass(eq=False, frozen=True)
class _Step:
    """An assignment, or a path within an instance that stands for its block: the places that it leads through."""

    places: tuple


class CombinationalPaths:
    """The combinational paths of an elaborated block, whose sub-blocks count as parts of it.

    ``inside(instance)``: the paths through one that only stands for its block, as ``[(input, output, places)]`` with
    signals (``between()`` has names); empty for any other.
    """

    def __init__(self, block, inside=lambda instance: ()):
        self._inside = inside
        self._nodes, self._next = {}, {}  # by id: a signal or _Step, and the ids of what follows from it
        self._names = {}  # id of a signal -> name
        self._add_block(block)

    def loop(self):
        """``names (places)`` of one loop, or None where there is none."""
        before = self._in_or_behind_loops()
        if not before:
            return None
        path = [next(iter(before))]
        while before[path[-1]] not in path:
            path.append(before[path[-1]])
        nodes = [self._nodes[key] for key in reversed(path[path.index(before[path[-1]]) :])]
        places = dict.fromkeys(place for node in nodes if isinstance(node, _Step) for place in node.places)
        names = dict.fromkeys(self._names.get(id(node), "?") for node in nodes if isinstance(node, _Signal))
        return f"{', '.join(names)} ({', '.join(places)})"

    def between(self, inputs, outputs):
        """``[(input name, output name, places)]`` of all paths; ``inputs`` and ``outputs``: {name: signal}."""
        ends = {id(signal): name for name, signal in outputs.items()}
        found = []
        for name, signal in inputs.items():
            reached, before = [id(signal)], {id(signal): ()}
            for key in reached:
                for node in self._next.get(key, ()):
                    if node not in before:
                        before[node] = before[key] + getattr(self._nodes[node], "places", ())
                        reached.append(node)
                        if node in ends:
                            found.append((name, ends[node], before[node]))
        return found

    def _in_or_behind_loops(self):
        """``{node: one of them before it}`` of the nodes that are left when those without one are taken away."""
        counts = dict.fromkeys(self._nodes, 0)
        for nodes in self._next.values():
            for node in nodes:
                counts[node] += 1
        free = [node for node, count in counts.items() if not count]
        for key in free:
            for node in self._next[key]:
                counts[node] -= 1
                if not counts[node]:
                    free.append(node)
        return {node: key for key in self._nodes if counts[key] for node in self._next[key]}

    def _add_block(self, block):
        for name, signal in block.sigdict.items():
            self._names.setdefault(id(signal), name)
        for source, target, places in self._inside(block):
            self._add([source], [target], places)
        for part in block.subs:
            if isinstance(part, _Instantiator):
                self._add_process(part)
            elif isinstance(part, _Block):
                self._add_block(part)

    def _add_process(self, process):
        found, waits = assignments(process.funcobj.__code__)
        sensitive = {id(signal) for signal in _levels(process, waits)}
        for target, reads, place in found if sensitive else ():
            sources = [signal for name in sorted(reads) for signal in _signals(process.symdict, name)]
            sources = [signal for signal in sources if id(signal) in sensitive]
            self._add(sources, _signals(process.symdict, target), (place,))

    def _add(self, sources, targets, places):
        step = _Step(places)
        for source in sources:
            self._join(source, step)
        for target in targets:
            self._join(step, target)

    def _join(self, node, follower):
        for one in (node, follower):
            if id(one) not in self._nodes:
                self._nodes[id(one)], self._next[id(one)] = one, []
                for part in _parts(one):
                    self._join(part, one)
        self._next[id(node)].append(id(follower))


def _levels(process, waits):
    """The signals any change of which makes ``process`` go on; ``waits`` are the names that a generator yields."""
    if isinstance(process, _Always):
        return [signal for signal in process.senslist if isinstance(signal, _Signal)]
    if any(name.endswith(("posedge", "negedge")) for name in waits):
        return []
    return [signal for name in waits for signal in _signals(process.symdict, name)]


def _parts(node):
    """The signals that a slice or a concatenation follows."""
    if isinstance(node, _SliceSignal):
        return [node._sig]
    return node._sigargs if isinstance(node, ConcatSignal) else []


def _signals(names, path):
    """The signals that the dotted name ``path`` stands for; none if it is something else."""
    first, *attributes = path.split(".")
    value = names.get(first)
    for attribute in attributes:
        if isinstance(value, _Signal) or _isListOfSigs(value):
            break
        value = getattr(value, attribute, None)
    return [value] if isinstance(value, _Signal) else value if _isListOfSigs(value) else []
