"""What a part's cells and wires take: the form of a delay model, and what cells of all parts have in common."""

import math
import re
from dataclasses import dataclass

from myhdl_acc.hdl.convert.errors import ConversionError

#: Loads of a net that is counted with more of them: tools give such a net several drivers, or a global buffer.
MOST_LOADS = 64


@dataclass(frozen=True)
class Arc:
    """``ns`` from every pin of the ports ``inputs`` to every pin of the ports ``outputs``."""

    inputs: frozenset
    outputs: frozenset
    ns: float

    @classmethod
    def of(cls, inputs, outputs, ns):
        """Of any sets of ports."""
        return cls(frozenset(inputs), frozenset(outputs), ns)


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
    """``kinds``: {regular expression of a cell's kind: function of its parameters, input ports and output ports that
    gives its Timing}. Cells that are ``no_logic`` have none."""

    name: str
    wires: Wires
    kinds: dict
    no_logic: str = ""

    def timing_of(self, kind, parameters, inputs, outputs):
        """Raises ConversionError for a kind that the part does not have."""
        for pattern, timing in self.kinds.items():
            if re.fullmatch(pattern, kind):
                return timing(parameters, inputs, outputs)
        if re.fullmatch(self.no_logic, kind):
            return Timing()
        raise ConversionError(f"synth: no delay is known of a cell of type {kind}")


def gate(ns, levels=1, absorbs=False):
    """All inputs lead to all outputs."""
    return lambda parameters, inputs, outputs: Timing(
        arcs=(Arc.of(inputs, outputs, ns),), absorbs=absorbs, levels=levels
    )


def multiplexer(ns, selects):
    """Joins the tables beside it: only the ports ``selects`` have wires."""
    return lambda parameters, inputs, outputs: Timing(
        arcs=(Arc.of(inputs, outputs, ns),), direct=frozenset(inputs - selects)
    )


def register(clock, data, setup, launch):
    """A flip-flop with these ports. It lies beside the table that drives it alone."""
    return lambda parameters, inputs, outputs: Timing(
        setup=dict.fromkeys(inputs - {clock}, setup),
        launch=dict.fromkeys(outputs, launch),
        beside=frozenset(inputs & {data}),
    )
