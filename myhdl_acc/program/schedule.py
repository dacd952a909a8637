"""What hardware may do with a program beyond program order: two checks that no timing makes it wrong.

The units are processes that wait on bounded queues and nothing else, so whether a program ends does not depend on how
fast they are: ``check_queues`` runs it once with every queue as short as hardware has it. What a unit reads could
depend on speed; ``check_order`` shows that it does not: what must happen before is known to have happened.
"""

from collections import deque

from golden.units.sequencer import SCALE_PERIOD
from myhdl_acc.rtl.control.counting_semaphore import MOST
from myhdl_acc.rtl.vector.unit.instructions import INSTRUCTIONS

QUEUES = {"read": 16, "engine": 16, "load": 16, "vector": 32}  #: instructions that wait for each unit
BANKS = 2  # of sums: operations whose results were not taken
SLICES = 2  # that a lane holds, the one in use included
PACKED = 2  # slices of weights that wait before a lane
_WORD = 32
_PATCHES = {"key": 1, "value": 2}


class ScheduleFault(RuntimeError):
    """A program that could hang, or whose result could depend on timing."""


def slices_needed(instruction):
    """Stationary slices that an engine command consumes."""
    outer = instruction["outer"]
    return {"meta": 0, "pv": -(-outer // 2)}.get(instruction.op, outer)


def _source(instruction):
    """The unit that sends an engine command's slices."""
    return "vector" if instruction.op == "pv" else "load"


def _beats(instruction):
    beats = 0 if instruction.op == "meta" else instruction["outer"] * instruction["middle"] * (instruction["inner"] + 1)
    if instruction.op == "w4":
        beats += -(-beats // SCALE_PERIOD)
    return instruction["params"] + beats


def _slices_sent(instruction, atoms):
    """Slices that a load instruction or ``weights`` sends."""
    if instruction.op == "slice":
        return instruction["words"] // atoms
    if instruction.op == "weights":
        return -(-instruction["count"] // (32 * atoms))
    return int(instruction.op == "query")


# Order


def check_order(program, config):
    """Raises ScheduleFault unless every timing gives what program order gives.

    For every instruction the latest instruction of each unit is found that has surely ended when it begins: units keep
    their order, a command ends after its slices were sent, a vector instruction after the operation whose results it
    takes, and the n-th ``wait`` is over after the n-th ``post``. Then: who reads the activation buffer or the table of
    heads begins after who wrote it, and who overwrites begins after who read. Slices need no such order: a lane takes
    those of the load unit and of the vector unit as its commands want them. And a semaphore holds what is posted.
    """
    order = _Order(config)
    for number, instruction in enumerate(program):
        order.add(number, instruction)


class _Order:
    def __init__(self, config):
        self._lanes = config.lanes
        self._atoms = config.atoms
        self._ended = {unit: {} for unit in QUEUES}  # what has ended when the unit's latest instruction has
        self._count = dict.fromkeys(QUEUES, 0)
        self._posts = {"load": deque(), "vector": deque()}
        self._posted = {"load": 0, "vector": 0}
        self._waits = {"load": [0], "vector": [0]}  # of the unit's first n instructions
        self._sources = {"load": deque(), "vector": deque()}  # of slices: what has ended when they were sent
        self._results = deque()
        self._patches = {}
        self._writers = {}  # resource → (unit, count)
        self._readers = {}  # resource → {unit: count}

    def add(self, number, instruction):
        unit = instruction.unit
        if unit not in QUEUES:
            return
        self._where = f"instruction {number} ({unit}.{instruction.op})"
        begin = dict(self._ended[unit])
        if unit in ("load", "vector") and instruction["wait"]:
            self._join(begin, self._take(self._posts[unit], "post"))
        self._count[unit] += 1
        mine = self._count[unit]
        end = dict(begin)
        if unit == "engine":
            self._engine(instruction, end)
        if unit == "vector" and INSTRUCTIONS[instruction.op].flag("result"):
            self._join(end, self._take(self._results, "operation"))
        end[unit] = mine
        self._ended[unit] = end
        if unit == "engine":
            self._results.append(end)
        if unit in ("load", "vector"):
            self._resources(instruction, unit, mine, begin)
            for _ in range(_slices_sent(instruction, self._atoms)):
                self._sources[unit].append(end)
            self._waits[unit].append(self._waits[unit][-1] + instruction["wait"])
            if instruction["post"]:
                self._post("vector" if unit == "load" else "load", begin, end)
        if unit == "load" and instruction.op in _PATCHES:
            self._patches[_PATCHES[instruction.op]] = end

    def _post(self, other, begin, end):
        self._posts[other].append(end)
        self._posted[other] += 1
        if self._posted[other] - self._waits[other][begin.get(other, 0)] > MOST:
            raise ScheduleFault(f"{self._where}: more than {MOST} posts could be waiting")

    def _engine(self, instruction, end):
        if instruction["patch"]:
            self._join(end, self._patches[instruction["patch"]])
        for _ in range(slices_needed(instruction)):
            self._join(end, self._take(self._sources[_source(instruction)], "slice"))

    def _resources(self, instruction, unit, mine, begin):
        reads, writes = self._touched(instruction)
        for resource in reads:
            writer = self._writers.get(resource)
            if writer is not None and begin.get(writer[0], 0) < writer[1]:
                raise ScheduleFault(f"{self._where}: could read {resource} before it is written")
            self._readers.setdefault(resource, {})[unit] = mine
        for resource in writes:
            for reader, count in self._readers.pop(resource, {}).items():
                if reader != unit and begin.get(reader, 0) < count:
                    raise ScheduleFault(f"{self._where}: could overwrite {resource} before it is read")
            self._writers[resource] = unit, mine

    def _touched(self, i):
        """What an instruction reads and writes: words of the activation buffer, entries of the table."""
        words = lambda first, count: [("word", first + k) for k in range(count)]  # noqa: E731
        width, op = i["dims"] // _WORD, i.op
        if op == "slice":
            return words(i["address"], min(i["words"], i["valid"])), []
        if op in ("query", "key", "value"):
            read = [w for head in range(i["heads"]) for w in words(i["address"] + head * i["stride"], width)]
            entries = [("entry", i["entry"] + head) for head in range(i["heads"])] if op != "query" else []
            return read + entries, []
        if op == "gather":
            return [], [w for column in range(i["heads"]) for w in words(i["dst"] + column * i["stride"], width)]
        if i.unit == "vector" and INSTRUCTIONS[op].flag("activation"):
            return [], words(i["dst"], -(-i["count"] * self._lanes // _WORD))
        if i.unit == "vector" and INSTRUCTIONS[op].flag("segmented"):
            return [], [("entry", i["entry"] + head) for head in range(i["count"] * self._lanes // i["dims"])]
        return [], []

    def _take(self, queue, what):
        if not queue:
            raise ScheduleFault(f"{self._where}: there is no {what} for it")
        return queue.popleft()

    @staticmethod
    def _join(clock, other):
        for unit, count in other.items():
            clock[unit] = max(clock.get(unit, 0), count)


# Queues


def check_queues(program, config):
    """Raises ScheduleFault if the program would hang with the queues that hardware has."""
    _Queues(program, config).run()


class _Queues:
    def __init__(self, program, config):
        self._program = program
        self._config = config
        self._next = 0
        self._queues = {unit: deque() for unit in QUEUES}
        self._progress = {}  # of each unit's current instruction: a generator that yields when it must wait
        self._room = config.prefetch
        self._beats = 0
        self._slices = 0  # in a lane
        self._packed = 0  # slices that the vector unit has made and the lanes have not taken
        self._begun = 0  # commands
        commands = [i for i in program if i.unit == "engine"]
        #: of each slice, in the order in which lanes take them: its source, and its command's number
        self._order = deque((_source(i), n) for n, i in enumerate(commands) for _ in range(slices_needed(i)))
        self._commands = 0  # dispatched
        self._busy_banks = 0
        self._done = 0  # operations whose results wait
        self._posts = {"load": 0, "vector": 0}
        self._patches = {1: False, 2: False}
        self._moved = False

    def run(self):
        while self._next < len(self._program) or any(self._queues.values()):
            self._moved = False
            self._dispatch()
            for unit in QUEUES:
                self._step(unit)
            self._unpack()
            if not self._moved:
                waiting = [f"{u}.{queue[0].op}" for u, queue in self._queues.items() if queue]
                raise ScheduleFault(f"instruction {self._next}: nothing moves; {', '.join(waiting)} wait")

    def _dispatch(self):
        while self._next < len(self._program):
            instruction = self._program[self._next]
            if instruction.unit == "control":
                if any(self._queues.values()):
                    return
            elif len(self._queues[instruction.unit]) == QUEUES[instruction.unit]:
                return
            else:
                self._queues[instruction.unit].append(instruction)
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
        while self._busy_banks == BANKS:
            yield
        self._busy_banks += 1
        self._begun += 1
        self._moved = True
        while i["patch"] and not self._patches[i["patch"]]:
            yield
        slices = slices_needed(i)
        yield from self._consume(i["params"] if slices else _beats(i))
        left = _beats(i) - i["params"]
        for number in range(slices):
            while not self._slices:
                yield
            share = left // (slices - number)
            left -= share
            yield from self._consume(share)
            self._slices -= 1
        if i["release"]:
            self._patches[i["patch"]] = False
        self._done += 1

    def _consume(self, beats):
        while beats:
            moved = min(beats, self._beats)
            self._beats -= moved
            self._room += moved
            beats -= moved
            self._moved |= moved > 0
            if beats:
                yield

    def _load(self, i):
        yield from self._wait(i, "load")
        if i.op in _PATCHES:
            while self._patches[_PATCHES[i.op]]:
                yield
            self._patches[_PATCHES[i.op]] = True
        for _ in range(_slices_sent(i, self._config.atoms)):
            while not self._lane_takes("load"):
                yield
        self._posts["vector"] += i["post"]

    def _vector(self, i):
        yield from self._wait(i, "vector")
        if INSTRUCTIONS[i.op].flag("result"):
            while not self._done:
                yield
            self._done -= 1
            self._busy_banks -= 1
        if i.op == "weights":
            for _ in range(_slices_sent(i, self._config.atoms)):
                while self._packed == PACKED:
                    yield
                self._packed += 1
                self._moved = True
            while i["post"] and self._packed:
                yield
        self._posts["load"] += i["post"]

    def _wait(self, i, unit):
        if i["wait"]:
            while not self._posts[unit]:
                yield
            self._posts[unit] -= 1

    def _unpack(self):
        while self._packed and self._lane_takes("vector"):
            self._packed -= 1

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
