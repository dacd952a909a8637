"""A check that a program ends with every queue as short as hardware has it.

The units are processes that wait on bounded queues and nothing else, so whether a program ends does not depend on how
fast they are: it is run once.
"""

from collections import deque

from golden.units.sequencer import operation_beats, slices
from myhdl_acc.program.hazards import PATCHES, ScheduleFault, slices_sent
from myhdl_acc.rtl.control.isa import QUEUE_DEPTHS
from myhdl_acc.rtl.vector.unit.instructions import INSTRUCTIONS
from myhdl_acc.rtl.vector.unit.weights_packer import SLICES as PROBS

BANKS = 2  # of sums: operations whose results were not taken
SLICES = 2  # that a lane holds, the one in use included


def check_queues(program, config):
    """Raises ScheduleFault if the program would hang with the queues that hardware has."""
    _Queues(program, config).run()


class _Queues:
    def __init__(self, program, config):
        self._program = program
        self._atoms = config.atoms
        self._next = 0
        self._queues = {unit: deque() for unit in QUEUE_DEPTHS}
        self._progress = {}  # of each unit's current instruction: a generator that yields when it must wait
        self._room = config.prefetch
        self._beats = 0
        self._slices = 0  # in a lane
        self._packed = 0  # slices that the vector unit has made and the lanes have not taken
        self._begun = 0  # commands
        commands = [i for i in program if i.unit == "engine"]
        #: of each slice, in the order in which lanes take them: its source, and its command's number
        self._order = deque(
            ("vector" if i.op == "pv" else "load", number)
            for number, i in enumerate(commands)
            for _ in range(slices(i.op, i["outer"]))
        )
        self._commands = 0  # dispatched
        self._busy_banks = 0
        self._more = False  # the command goes on with the one before
        self._done = 0  # operations whose results wait
        self._posts = 0
        self._patches = dict.fromkeys(PATCHES.values(), False)
        self._moved = False

    def run(self):
        while self._next < len(self._program) or any(self._queues.values()):
            self._moved = False
            self._dispatch()
            for unit in self._queues:
                self._step(unit)
            while self._packed and self._lane_takes("vector"):
                self._packed -= 1
            if not self._moved:
                waiting = [f"{u}.{queue[0].op}" for u, queue in self._queues.items() if queue]
                raise ScheduleFault(f"instruction {self._next}: nothing moves; {', '.join(waiting)} wait")

    def _dispatch(self):
        while self._next < len(self._program):
            instruction = self._program[self._next]
            if instruction.unit == "control":
                if any(self._queues.values()):
                    return
            else:
                queues = ("read", "engine") if instruction.unit == "engine" else (instruction.unit,)
                if any(len(self._queues[queue]) == QUEUE_DEPTHS[queue] for queue in queues):
                    return
                for queue in queues:
                    self._queues[queue].append(instruction)
                self._commands += instruction.unit == "engine"
            self._next += 1
            self._moved = True

    def _step(self, unit):
        """Let a unit run until it waits."""
        queue = self._queues[unit]
        while queue:
            if unit not in self._progress:
                self._progress[unit] = getattr(self, "_" + unit)(queue[0])
            if next(self._progress[unit], "ended") != "ended":
                return
            del self._progress[unit]
            queue.popleft()
            self._moved = True

    def _read(self, i):
        left = i["beats"]
        while left:
            moved = min(left, self._room)
            self._room -= moved
            self._beats += moved
            left -= moved
            self._moved |= moved > 0
            if left:
                yield

    def _engine(self, i):
        while self._busy_banks == BANKS and not self._more:
            yield
        self._busy_banks += not self._more
        self._more = i["more"]
        self._begun += 1
        self._moved = True
        while i["patch"] and not self._patches[i["patch"]]:
            yield
        yield from self._consume(i["params"])
        left, count = operation_beats(i.op, i["outer"], i["middle"], i["inner"] + 1), slices(i.op, i["outer"])
        for number in range(count):
            while not self._slices:
                yield
            share = left // (count - number)
            left -= share
            yield from self._consume(share)
            self._slices -= 1
        if i["release"]:
            self._patches[i["patch"]] = False
        self._done += not i["more"]

    def _consume(self, count):
        while count:
            moved = min(count, self._beats)
            self._beats -= moved
            self._room += moved
            count -= moved
            self._moved |= moved > 0
            if count:
                yield

    def _load(self, i):
        while i["wait"] and not self._posts:
            yield
        self._posts -= i["wait"]
        if i.op in PATCHES:
            while self._patches[PATCHES[i.op]]:
                yield
            self._patches[PATCHES[i.op]] = True
        for _ in range(slices_sent(i, self._atoms)):
            while not self._lane_takes("load"):
                yield

    def _vector(self, i):
        if INSTRUCTIONS[i.op].flag("result"):
            while not self._done:
                yield
            self._done -= 1
            self._busy_banks -= 1
        for _ in range(slices_sent(i, self._atoms)):
            while self._packed == PROBS:
                yield
            self._packed += 1
            self._moved = True
        self._posts += i["post"]

    def _lane_takes(self, source):
        """Whether a slice of ``source`` is the next that a lane wants, and has room; it is there then.

        A lane knows the command that it is at and, once that one's slices are there, the next.
        """
        if self._slices == SLICES or not self._order or self._order[0][0] != source:
            return False
        if self._order[0][1] > self._begun or self._order[0][1] >= self._commands:
            return False
        self._order.popleft()
        self._slices += 1
        self._moved = True
        return True
