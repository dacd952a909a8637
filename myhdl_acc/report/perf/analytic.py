"""Cycles of a pass without RTL: every unit's instructions in their order, how long each takes, what it waits for.

The program is walked as hardware walks it; what may wait for what is as in program.queues, and each step has a time.
Of the lanes the first and the last are walked: slices are sent as soon as the first has room, and reach the last hop by
hop. Beats come at the rate that the HBM2 model sustains.
"""

from bisect import bisect_right
from collections import deque
from functools import cache

import numpy as np

from golden.units.sequencer import operation_beats, slices
from myhdl_acc.program.compiler import Compiler
from myhdl_acc.program.hazards import PATCHES, ScheduleFault, slices_sent
from myhdl_acc.program.queues import BANKS
from myhdl_acc.report.perf.measure import Pass, cache_rule
from myhdl_acc.rtl.control import fetch, load_unit
from myhdl_acc.rtl.control.instruction import INSTRUCTION_BYTES
from myhdl_acc.rtl.control.isa import QUEUE_DEPTHS
from myhdl_acc.rtl.engine import collector, lane, row_pair
from myhdl_acc.rtl.memory.axi_read import OUTSTANDING
from myhdl_acc.rtl.memory.prefetch import burst_beats
from myhdl_acc.rtl.vector.unit.duration import ISSUE, duration
from myhdl_acc.rtl.vector.unit.instructions import INSTRUCTIONS
from myhdl_acc.simulate.hbm import HbmChannel, HbmParameters

#: Cycles on the paths between units. They stand in the RTL's structure; a trace shows them as well.
_COMMAND = 4  # from dispatch to the first lane's sequencer
_SLICE = 0  # from the load unit's last word of a slice to the first lane
_SUM = 2 + row_pair.LATENCY + collector.LATENCY  # from the last beat of a result to the vector unit
_POST = -1  # from the end of a vector instruction to the load unit's next one
_EARLY = 2  # likewise, from the first word that is written
_BANK = 2  # from the last result to the engine's next operation
_READ = 8  # from dispatch to the memory and from there to a lane
_ROOM = 3  # likewise, from the moment when there is room for a burst
_BURSTS = 1024  # that show what memory sustains
_LOGITS = 3  # of the choice of a token, beside its reduction
_PASS = 113  # of a pass that chooses: its end is waited for and told, and the next one's place in the cache found
_FETCH, _FETCHES = 18, 3.5  # of a chunk of the program, and of each of its beats
_NARROW = 12  # longer after a refresh, where the port is narrower than memory
_START = 65  # of a run without a choice: the prompt is fetched, the first pass begins, the end is told


def analytic_token(shape, config, context, window, sinks=None):
    """As measure.measure_token(), without RTL; ``lost`` is empty."""
    compiler = Compiler(shape, cache_rule(shape.spec, window, sinks), config)
    two, one = (_instructions(compiler, [0], count, context - 2) for count in (2, 1))
    # The second token's: the first one's pass makes its angles.
    return _pass(two[len(one) - 1 : -1], config, 1, _PASS)


def analytic_prompt(shape, config, context, window, sinks=None):
    """As measure.measure_prompt(), without RTL; ``lost`` is empty."""
    compiler, rows = Compiler(shape, cache_rule(shape.spec, window, sinks), config), config.rows
    instructions = _instructions(compiler, [0] * rows, 0, context - rows)
    return _pass(instructions, config, rows, _START + _fetched(len(compiler.resident), config))


def _instructions(compiler, prompt, count, position):
    return compiler.passes(compiler.request(prompt, count, position), compiler.resident)


def _pass(instructions, config, tokens, besides):
    beats, parameters = (sum(i[name] for i in instructions if i.unit == "engine") for name in ("beats", "params"))
    cycles = besides + _Timeline(instructions, config).end()
    return Pass(tokens, cycles, beats, {}, beats - parameters)


def _fetched(instructions, config):
    """Cycles until hardware has a program of so many instructions: some chunks are under way at a time."""
    beats = fetch.CHUNK * INSTRUCTION_BYTES * 8 // config.beat_bits
    return -(-instructions // fetch.CHUNK) * (_FETCH + _FETCHES * beats) / fetch.CHUNKS


@cache
def _memory():
    """``(share of its peak that the HBM2 model sustains, cycles from a request to its first beat)``."""
    beat_bytes = HbmParameters().beat_bytes
    with HbmChannel() as channel:
        _, times = channel.run([0], 1)
    with HbmChannel() as channel:
        cycles, _ = channel.run(np.arange(_BURSTS) * 64 * beat_bytes, 64, outstanding=OUTSTANDING)
    return _BURSTS * 64 / cycles, int(times["first"][0])


class _Beats:
    """Beats of a lane: when they come, burst by burst, and when they are taken."""

    def __init__(self, config):
        sustained, self._latency = _memory()
        hbm = HbmParameters(beat_bytes=config.beat_bits // 8)
        self._rate = hbm.peak / (hbm.beat_bytes * hbm.port_khz * 1000)  # beats per cycle of the port
        self._period = hbm.refi * hbm.port_khz / hbm.memory_khz
        self._refresh = self._period * (1 - sustained)  # and all else that memory loses
        if self._rate > 1:
            self._refresh += _NARROW
        self._next = self._period / 2  # nobody knows when a pass begins
        self._read = 0.0  # the latest beat from memory
        self._burst = burst_beats(config.prefetch)
        self._depth = config.prefetch
        self._numbers, self._times = [0], [0.0]  # of beats taken: linear between
        self._came = 0.0  # the latest beat of the bursts so far
        self._coming = 0  # beats of the latest burst that were not taken
        self._place = 0  # in memory, behind the bursts so far
        self.taken = 0

    def command(self, base, asked):
        """Beats from ``base`` on are asked for from cycle ``asked`` on."""
        self._place, self._asked = base, asked

    def take(self, start, count):
        """The cycle after the last of ``count`` beats, taken from ``start`` on."""
        left = count
        while left:
            if not self._coming:
                self._coming = self._burst - self._place % self._burst
                self._place += self._coming
                room = self.left(self.taken + self._burst - self._depth)
                asked = max(self._asked + _READ, room + _ROOM) + self._latency - 1
                self._read = self._after_refresh(max(self._read, asked), self._coming / self._rate)
                self._came = max(max(self._came, asked) + self._coming, self._read)
            now = min(left, self._coming)
            begin = max(start, self._came - self._coming + 1)
            self._coming -= now
            start = max(begin + now, self._came - self._coming + 1)
            self._numbers += [self.taken, self.taken + now]
            self._times += [begin, start]
            self.taken += now
            left -= now
        return start

    def _after_refresh(self, begin, cycles):
        """When memory has done what takes ``cycles`` from ``begin`` on."""
        while self._next + self._refresh <= begin:
            self._next += self._period
        end = max(begin, self._next + self._refresh if self._next < begin else begin) + cycles
        while self._next < end:
            end += self._refresh if self._next >= begin else 0
            self._next += self._period
        return end

    def left(self, number):
        """When beat ``number``, which was taken, left the queue."""
        if number <= 0:
            return 0.0
        after = bisect_right(self._numbers, number)
        if after == len(self._numbers):
            return self._times[-1]
        (n0, n1), (t0, t1) = self._numbers[after - 1 : after + 1], self._times[after - 1 : after + 1]
        return t0 + (t1 - t0) * (number - n0) / (n1 - n0)


class _Lane:
    """When a lane, ``hops`` behind the first one, does what."""

    def __init__(self, config, hops):
        self.hops = hops
        self.beats = _Beats(config)
        self.time = 0
        self.begun = []  # operations: the first beat may be taken
        self.used = []  # slices: the first beat was taken


class _Timeline:
    def __init__(self, program, config):
        self._config = config
        self._program = [i for i in program if i.unit != "control"]
        self._of = {unit: [i for i in self._program if i.unit == unit] for unit in ("engine", "load", "vector")}
        self._lanes = [_Lane(config, hops) for hops in (0, config.lanes - 1)]
        self._first, self._last = self._lanes
        # By number of the unit's instruction, unless said otherwise.
        self._sent = {queue: [] for queue in QUEUE_DEPTHS}  # dispatched
        self._left = {queue: [] for queue in QUEUE_DEPTHS}  # has left the queue
        self._sums = []  # of operations: first and last result at the vector unit
        self._given = []  # of operations: their bank
        self._posts = []
        self._filled, self._free = ({patch: [] for patch in PATCHES.values()} for _ in range(2))  # by use
        #: of each slice, in the order of the lanes: its command.
        self._command_of = [n for n, i in enumerate(self._of["engine"]) for _ in range(slices(i.op, i["outer"]))]
        self._next = {
            source: deque(
                number
                for number, command in enumerate(self._command_of)
                if (self._of["engine"][command].op == "pv") == (source == "vector")
            )
            for source in ("load", "vector")
        }
        self._made = []  # slices of probabilities, by the vector unit
        self._ready = {}  # slices: there for the first lane, cycles to the next lane, to be taken in

    def end(self):
        """The cycle in which all is done."""
        units = [self._dispatch(), self._read(), self._engine(), self._load(), self._vector(), self._pack()]
        while units:
            before = self._state()
            units = [unit for unit in units if next(unit, "ended") != "ended"]
            if units and self._state() == before:
                raise ScheduleFault("the analytic model finds no end of this pass")
        return self._end

    def _state(self):
        """Changes with every step that any unit makes."""
        lists = (*self._sent.values(), *self._left.values(), *self._filled.values(), *self._free.values())
        others = (self._sums, self._given, self._posts, self._made, self._ready)
        of_lanes = [part for lane in self._lanes for part in (lane.begun, lane.used)]
        return [*map(len, (*lists, *others, *of_lanes)), *(lane.beats.taken for lane in self._lanes)]

    def _dispatch(self):
        time = 0
        for i in self._program:
            time += 1
            for queue in ("read", "engine") if i.unit == "engine" else (i.unit,):
                number = len(self._sent[queue]) - QUEUE_DEPTHS[queue]
                if number >= 0:
                    yield from _known(self._left[queue], number)
                    time = max(time, self._left[queue][number] + 1)
                self._sent[queue].append(time)

    def _read(self):
        time, total = 0, 0
        for number, i in enumerate(self._of["engine"]):
            yield from _known(self._sent["read"], number)
            time = max(time, self._sent["read"][number]) + 1
            self._left["read"].append(time)
            total += i["beats"]
            while self._last.beats.taken < total - self._config.prefetch:
                yield
            time = max(time, self._last.beats.left(total - self._config.prefetch))

    def _engine(self):
        for number, i in enumerate(self._of["engine"]):
            yield from _known(self._left["read"], number)
            arrived = self._sent["engine"][number]
            if number >= lane.COMMAND_QUEUE + 1:
                arrived = max(arrived, self._last.begun[number - lane.COMMAND_QUEUE - 1])
            self._left["engine"].append(arrived)
            if number >= BANKS:
                yield from _known(self._given, number - BANKS)
            for one in self._lanes:
                yield from self._operate(one, number, i, arrived)
            if i["patch"] and i["release"]:
                self._free[i["patch"]].append(self._last.time)
        self._end = self._last.time

    def _operate(self, one, number, i, arrived):
        """Operation ``number``, of instruction ``i``, of a lane."""
        begin = max(one.time, arrived + _COMMAND + one.hops)
        if number >= BANKS:
            begin = max(begin, self._given[number - BANKS])
        one.begun.append(begin)
        if patch := i["patch"]:
            yield from _known(self._filled[patch], len(self._free[patch]))
            begin = max(begin, self._filled[patch][len(self._free[patch])] + one.hops)
        one.beats.command(i["base"], self._left["read"][number])
        time = first = one.beats.take(begin, i["params"])
        if i.op != "meta":
            outer, steps = i["outer"], i["middle"] * (i["inner"] + 1)
            total = operation_beats(i.op, outer, i["middle"], i["inner"] + 1)
            for turn in range(outer):
                if i.op != "pv" or turn % 2 == 0:
                    yield from _known(self._ready, len(one.used))
                    time = max(time, self._ready_for(one))
                    one.used.append(time)
                first = time
                time = one.beats.take(time, total * (turn + 1) // outer - total * turn // outer)
            first += min(steps, i["inner"] + 1)
        if one is self._last:
            delay = _SUM + self._config.pairs - 1
            self._sums.append((first + delay, time + delay))
        one.time = time

    def _ready_for(self, one):
        """When a lane may use its next slice: one at a time is taken in, behind the one in use."""
        there, hop, words = self._ready[len(one.used)]
        room = one.used[-1] if one.used else 0
        return max(there + hop * one.hops, room + words)

    def _load(self):
        time, waits, atoms = 0, 0, self._config.atoms
        for number, i in enumerate(self._of["load"]):
            yield from _known(self._sent["load"], number)
            time = max(time, self._sent["load"][number] + 1)
            if i["wait"]:
                yield from _known(self._posts, waits)
                time = max(time, self._posts[waits] + _POST)
                waits += 1
            self._left["load"].append(time)
            path = load_unit.LATENCY + _SLICE
            if i.op in PATCHES:
                patch = PATCHES[i.op]
                use = len(self._filled[patch])
                if use:
                    yield from _known(self._free[patch], use - 1)
                    time = max(time, self._free[patch][use - 1])
                time += (atoms + 1) * i["heads"]
                self._filled[patch].append(time + path)
                continue
            words = atoms * (i["heads"] if i.op == "query" else 1)
            for _ in range(slices_sent(i, atoms)):
                room = yield from self._room("load")
                time = max(time + words, room + words - path)
                self._ready[self._next["load"].popleft()] = time + path, 1, words

    def _vector(self):
        time, operations = 0, 0
        for number, i in enumerate(self._of["vector"]):
            yield from _known(self._sent["vector"], number)
            begin = max(time, self._sent["vector"][number] + 1)
            self._left["vector"].append(begin)
            row, cycles, count = INSTRUCTIONS[i.op], duration(i, self._config), i["count"]
            index = begin + ISSUE + row.prepare  # the first
            if row.flag("result"):
                yield from _known(self._sums, operations)
                first, last = self._sums[operations]
                operations += 1
                last = max(max(index, first) + count - 1, last)
                self._given.append(last + _BANK)
                time = last + cycles - ISSUE - row.prepare - count + 1
                if i.op == "logits" and i["last"]:
                    time += _LOGITS
            else:
                time = begin + cycles
            for part in range(slices_sent(i, self._config.atoms)):
                of_slice = min(count, (part + 1) * self._config.slice_len)
                self._made.append(index + row.latency_with(self._config.lanes) + of_slice)
            if i["post"]:
                # Where a whole word is written at once, with the first one: activation_writes.
                early = row.flag("activation") and self._config.lanes == 32
                self._posts.append(index + row.latency_with(self._config.lanes) + _EARLY if early else time)
        while len(self._last.begun) < len(self._of["engine"]):
            yield
        self._end = max(time, self._end)

    def _pack(self):
        """Slices of probabilities from the vector unit to the lanes."""
        for number in range(len(self._next["vector"])):
            yield from _known(self._made, number)
            room = yield from self._room("vector")
            time = max(self._made[number], room) + self._config.atoms + 2
            self._ready[self._next["vector"].popleft()] = time, 0, 0

    def _room(self, source):
        """When the first lane has room for the next slice of ``source``, and knows that it wants it."""
        number = self._next[source][0]
        command = self._command_of[number]
        room = 0
        if number:
            yield from _known(self._first.used, number - 1)
            room = self._first.used[number - 1]
        if command:
            yield from _known(self._first.begun, command - 1)
            room = max(room, self._first.begun[command - 1])
        return room


def _known(times, number):
    """Wait until ``times`` has one with this number."""
    while number >= len(times) if isinstance(times, list) else number not in times:
        yield
