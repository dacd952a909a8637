"""What a part's cells and wires take: the form of a delay model."""

import math
from dataclasses import dataclass

#: Loads of a net that is counted with more of them: tools give such a net several drivers, or a global buffer.
MOST_LOADS = 64


@dataclass(frozen=True)
class Arc:
    """``ns`` from every pin of the ports ``inputs`` to every pin of the ports ``outputs``."""

    inputs: frozenset
    outputs: frozenset
    ns: float


@dataclass(frozen=True)
class Timing:
    """A cell's ``arcs`` through it, ``setup`` {input port: ns before the clock}, ``launch`` {output port: ns after}.

    ``direct``: input ports with a wire of their own from the cell before, which takes nothing; ``beside``: those that
    have one where a lookup table drives them alone. A cell that ``absorbs`` has room for registers before and behind
    it, which then lie in it. ``levels``: of logic that a path through it counts. ``lacks``: what a fast clock wants of
    it and it does not have.
    """

    arcs: tuple = ()
    setup: dict = None
    launch: dict = None
    direct: frozenset = frozenset()
    beside: frozenset = frozenset()
    absorbs: bool = False
    levels: int = 0
    lacks: str = ""


@dataclass(frozen=True)
class Wires:
    """A net takes ``first`` ns to its only load, and ``doubling`` ns more each time the number of loads doubles."""

    first: float
    doubling: float

    def ns(self, loads):
        """To any load of a net that has so many; nothing where there is none."""
        return self.first + self.more(loads) if loads else 0.0

    def more(self, loads):
        """What it takes longer than to an only load."""
        return self.doubling * math.log2(min(loads, MOST_LOADS)) if loads > 1 else 0.0


@dataclass(frozen=True)
class Part:
    """``timing_of(kind, parameters, inputs, outputs)``: the Timing of a cell with these ports; ValueError for a kind
    that the part does not have."""

    name: str
    wires: Wires
    timing_of: object
