"""A check that no timing makes a program wrong: what must happen before is known to have happened."""

import numpy as np

from golden.layout import WORD
from golden.units.patch import PATCH_KEY, PATCH_VALUE
from golden.units.sequencer import slices
from myhdl_acc.rtl.control.counting_semaphore import MOST
from myhdl_acc.rtl.vector.unit.head_table import ENTRIES
from myhdl_acc.rtl.vector.unit.instructions import INSTRUCTIONS

_CLOCKS = {"engine": 0, "load": 1, "vector": 2}
PATCHES = {"key": PATCH_KEY, "value": PATCH_VALUE}  #: what an operation patches, by the load instruction


class ScheduleFault(RuntimeError):
    """A program that could hang, or whose result could depend on timing."""


def slices_sent(instruction, atoms):
    """Slices that a load instruction or one of the vector unit sends to the lanes."""
    if instruction.unit == "vector":
        return -(-instruction["count"] // (WORD * atoms)) if instruction.op == "softmax" else 0
    return instruction["words"] // atoms if instruction.op == "slice" else int(instruction.op == "query")


def check_order(program, config):
    """Raises ScheduleFault unless every timing gives what program order gives.

    For every instruction the latest instruction of each unit is found that has surely ended when it begins: units keep
    their order, a command ends after its slices were sent, a vector instruction after the operation whose results it
    takes, and the n-th ``wait`` is over after the n-th ``post``. Then: the load unit reads the activation buffer and
    the table of heads after the vector unit wrote them, which overwrites them after they were read. Slices need no such
    order: a lane takes those of the load unit and of the vector unit as its commands want them. And a semaphore holds
    what is posted.
    """
    order = _Order(config)
    for number, instruction in enumerate(program):
        if instruction.unit in _CLOCKS:
            try:
                order.add(instruction)
            except ScheduleFault as fault:
                raise ScheduleFault(f"instruction {number} ({instruction.unit}.{instruction.op}): {fault}") from None


class _Order:
    """A clock is what has ended: instructions of the engine, the load unit and the vector unit."""

    def __init__(self, config):
        self._lanes = config.lanes
        self._atoms = config.atoms
        self._clocks = dict.fromkeys(_CLOCKS, (0, 0, 0))  # when the unit's latest instruction has ended
        self._given = {"post": [], "operation": [], "slice": [], "slice of probs": []}  # the clock with each
        self._taken = dict.fromkeys(self._given, 0)
        self._waits = [0]  # of the load unit's first n instructions
        self._patches = {}
        # The number of the latest instruction that wrote, or read, each word and entry.
        sizes = {"word": config.activation_words, "entry": ENTRIES}
        self._written = {what: np.zeros(size, int) for what, size in sizes.items()}
        self._read = {what: np.zeros(size, int) for what, size in sizes.items()}

    def add(self, instruction):
        i, unit, index = instruction, instruction.unit, _CLOCKS[instruction.unit]
        begin = self._clocks[unit]
        if unit == "load" and i["wait"]:
            begin = _join(begin, self._take("post"))
        end = list(begin)
        end[index] += 1
        if unit == "engine":
            if i["patch"]:
                end = _join(end, self._patches[i["patch"]])
            if i.op != "meta":
                end = _join(end, self._take("slice of probs" if i.op == "pv" else "slice", slices(i.op, i["outer"])))
            if not i["more"]:
                self._give("operation", end)
        elif unit == "load":
            self._waits.append(self._waits[-1] + i["wait"])
            for what, places in self._loaded(i):
                if self._written[what][places].max(initial=0) > begin[_CLOCKS["vector"]]:
                    raise ScheduleFault(f"could read a {what} before it is written")
                self._read[what][places] = end[index]
            if i.op in PATCHES:
                self._patches[PATCHES[i.op]] = end
            self._give("slice", end, slices_sent(i, self._atoms))
        else:
            if INSTRUCTIONS[i.op].flag("result"):
                end = _join(end, self._take("operation"))
            for what, places in self._made(i):
                if self._read[what][places].max(initial=0) > begin[_CLOCKS["load"]]:
                    raise ScheduleFault(f"could overwrite a {what} before it is read")
                self._written[what][places] = end[index]
            self._give("slice of probs", end, slices_sent(i, self._atoms))
            if i["post"]:
                self._give("post", end)
                if len(self._given["post"]) - self._waits[begin[_CLOCKS["load"]]] > MOST:
                    raise ScheduleFault(f"more than {MOST} posts could be waiting")
        self._clocks[unit] = tuple(end)

    def _loaded(self, i):
        """What a load instruction reads: words of the activation buffer, entries of the table."""
        if i.op == "slice":
            return [("word", slice(i["address"], i["address"] + min(i["words"], i["valid"])))]
        heads = [("word", _places(i["address"], i["heads"], i["stride"], i["dims"] // WORD))]
        return heads if i.op == "query" else [*heads, ("entry", slice(i["entry"], i["entry"] + i["heads"]))]

    def _made(self, i):
        """What a vector instruction writes."""
        row = INSTRUCTIONS[i.op]
        if i.op == "gather":
            heads = i["heads"] * (i["row"] + 1 if i["shared"] else 1)
            return [("word", _places(i["dst"], heads, i["stride"], i["dims"] // WORD))]
        made = []
        if row.flag("activation"):
            made.append(("word", slice(i["dst"], i["dst"] + -(-i["count"] * self._lanes // WORD))))
        elif row.flag("segmented"):
            made.append(("entry", slice(i["entry"], i["entry"] + i["count"] * self._lanes // i["dims"])))
        return made

    def _give(self, what, clock, count=1):
        self._given[what] += [clock] * count

    def _take(self, what, count=1):
        """The clock with the last of the next ``count``: the ones before it are no later."""
        self._taken[what] += count
        if self._taken[what] > len(self._given[what]):
            raise ScheduleFault(f"there is no {what} for it")
        return self._given[what][self._taken[what] - 1]


def _places(first, heads, stride, width):
    return (first + stride * np.arange(heads)[:, None] + np.arange(width)).reshape(-1)


def _join(one, other):
    return [a if a > b else b for a, b in zip(one, other, strict=True)]
