"""The instructions that units executed, as a recorded run keeps them: what each reads, and what it waits for.

What a command waits for follows from the rules that ``hazards`` and ``queues`` check: units keep their order, the n-th
``wait`` is over after the n-th ``post``, slices are taken in the order in which they are sent.
"""

from bisect import bisect_right
from collections import deque

import numpy as np

from golden.units.sequencer import operation_beats, slices
from myhdl_acc.program.hazards import PATCHES, slices_sent
from myhdl_acc.program.queues import BANKS
from myhdl_acc.rtl.control.isa import QUEUE_DEPTHS
from myhdl_acc.rtl.vector.unit.instructions import INSTRUCTIONS
from myhdl_acc.trace.steps import NEED, STEP

_NONE = -1


def annotate(instructions, regions, config):
    """``(steps, needs)``: tables of trace.steps for ``instructions`` of one or more passes, in program order.

    ``regions``: of memory by name (MemoryMap.regions); ``config`` AcceleratorConfig.
    """
    return _steps(instructions, regions), _Needs(config).of(instructions)


def _steps(instructions, regions):
    known = sorted((region.address, region.name) for region in regions.values() if region.beats)
    addresses = [address for address, _ in known]
    commands = [i for i in instructions if i.unit == "engine"]
    names = [known[bisect_right(addresses, i["base"]) - 1][1] for i in commands]
    steps = np.zeros(len(instructions), STEP)
    given = taken = 0
    for step, i in zip(steps, instructions, strict=True):
        takes = _takes(i)
        # What takes no results prepares the command that follows.
        number = taken if takes else min(given, len(commands) - 1)
        step["unit"], step["op"], step["name"] = i.unit, i.op, names[number]
        step["command"], step["takes"] = number, takes
        if i.unit == "engine":
            step["beats"], step["params"] = i["beats"], i["params"]
        given += i.unit == "engine"
        taken += takes
    return steps


def _takes(i):
    """Whether an instruction takes the results of the next command whose results were not taken."""
    return i.unit == "vector" and bool(INSTRUCTIONS[i.op].flag("result"))


class _Needs:
    def __init__(self, config):
        self._atoms = config.atoms
        self._numbers = {"load": [], "vector": []}  # of the instructions so far, by unit
        self._takers = []
        self._posts = []
        self._waits = 0
        self._posted = {_NONE: _NONE}  # by load instruction: the vector instruction that it waited for, or an earlier
        self._slices, self._probs = deque(), deque()
        self._patches = {}
        self._found = []

    def of(self, instructions):
        takers = [number for number, i in enumerate(instructions) if _takes(i)]
        command = 0
        for number, i in enumerate(instructions):
            if i.unit == "engine":
                if command >= BANKS:
                    self._found.append((command, 0, "no_bank", _NONE, takers[command - BANKS]))
                self._command(command, i)
                command += 1
            elif i.unit == "load":
                self._waits += i["wait"]
                self._posted[number] = self._posts[self._waits - 1] if self._waits else _NONE
                self._slices.extend([number] * slices_sent(i, self._atoms))
                if i.op in PATCHES:
                    self._patches[PATCHES[i.op]] = number
                self._numbers["load"].append(number)
            elif i.unit == "vector":
                self._probs.extend([number] * slices_sent(i, self._atoms))
                self._posts += [number] * i["post"]
                self._numbers["vector"].append(number)
        return np.array(self._found, NEED)

    def _command(self, command, i):
        # It is dispatched when all before it have been, and a unit's queue had room for those.
        load, vector = (self._before(unit, QUEUE_DEPTHS[unit]) for unit in ("load", "vector"))
        self._found.append((command, 0, "no_command", load, max(vector, self._posted[load])))
        needs = {}
        if i["patch"]:
            needs[0] = self._patches[i["patch"]], _NONE
        for number in range(slices(i.op, i["outer"])):
            beat = first_beat(i, number)
            load, vector = (_NONE, self._probs.popleft()) if i.op == "pv" else (self._slices.popleft(), _NONE)
            old = needs.get(beat, (_NONE, _NONE))
            needs[beat] = max(load, old[0]), max(vector, old[1])
        for beat, (load, vector) in needs.items():
            self._found.append((command, beat, "no_operand", load, max(vector, self._posted[load])))

    def _before(self, unit, count):
        """The unit's latest instruction but ``count``."""
        return self._numbers[unit][-1 - count] if len(self._numbers[unit]) > count else _NONE


def first_beat(i, number):
    """The beat of an engine instruction that begins its slice ``number``."""
    rounds = 2 if i.op == "pv" else 1  # pv meets a slice in two
    return operation_beats(i.op, number * rounds, i["middle"], i["inner"] + 1, i["params"])
