"""Runs programs: every instruction takes effect completely before the next one.

That is one of the orders in which hardware may do the same; where hardware would wait for ever, or read what nothing
has written, the program is wrong and MachineFault is raised.
"""

from golden.blas import one_thread
from golden.machine.engine import Engine, Results
from golden.machine.fault import MachineFault, Made
from golden.machine.load import ActivationBuffer, LoadUnit, NewTokens, Slices
from golden.machine.vector import VectorUnit
from golden.machine.walk import Walk
from golden.units.drafter import Drafter
from golden.units.patch import PATCH_KEY, PATCH_VALUE
from golden.units.sampling import GREEDY


class Machine:
    """``memory`` Memory; ``atoms`` of 64 bits in a beat; ``vector_depth`` words in a column of the vector unit;
    ``activation_words`` words in the activation buffer; ``lookup_depth`` tokens that drafts are looked up in.

    Instructions have ``unit``, ``op`` and fields by ``[name]`` (docs/instructions.md).
    """

    def __init__(self, memory, rows, atoms, vector_depth, activation_words, lookup_depth=1024):
        self.memory = memory
        self.drafter = Drafter(lookup_depth)
        self._rows, self._block, self._words = rows, 16 * atoms, 2 * atoms
        self._results = Results()
        self._slices = Slices()
        self._patches = {PATCH_KEY: NewTokens("key"), PATCH_VALUE: NewTokens("value")}
        self.buffer = ActivationBuffer(rows, activation_words)
        table = Made("table entry")
        self._load = LoadUnit(memory.lanes, atoms, self.buffer, table, self._slices, self._patches)
        self._engine = Engine(memory, rows, atoms, self._slices, self._patches, self._results)
        self.vector = VectorUnit(memory, rows, atoms, vector_depth, self.buffer, self._results, self._slices, table)
        self._posted = 0  # what the load unit may wait for

    @property
    def tokens(self):
        """Per row the index of its largest logit, or what was drawn."""
        return self.vector.token

    def run(self, program, request, trace=None, sampling=GREEDY):
        """Execute the resident ``program`` for ``request`` (Request), to its end; returns the Walk."""
        walk = self.walk(program, request)
        for _ in self.tokens_of(walk, trace=trace, sampling=sampling):
            pass
        return walk

    def walk(self, program, request):
        """The Walk of ``request`` through ``program`` on this machine."""
        return Walk(program, request, self.memory.lanes, self._block, self._words, self._rows, self.drafter)

    def tokens_of(self, walk, stopped=lambda: False, trace=None, sampling=GREEDY):
        """Execute ``walk`` (Walk); yields every token when it is chosen and its pass's logits are in memory.
        ``sampling`` (Sampling, or a list of the rows'): how tokens are chosen.

        ``stopped()``: the host wants the run to end. ``trace(number, instruction, written)`` is called after every
        instruction that a unit executed, with what it wrote, by name.
        """
        self.vector.samplings = sampling if isinstance(sampling, list) else [sampling] * self._rows
        instructions = enumerate(walk.instructions(self._begin, self._choose, stopped))
        given = 0
        while self._until_a_choice(walk, instructions, trace):
            yield from walk.chosen[given:]
            given = len(walk.chosen)

    @one_thread
    def _until_a_choice(self, walk, instructions, trace):
        """Whether one was made; else the program has ended."""
        chosen = len(walk.chosen)
        for number, instruction in instructions:
            try:
                written = self._execute(instruction)
            except MachineFault as fault:
                raise MachineFault(f"instruction {number}: {fault}") from None
            if trace is not None:
                trace(number, instruction, written)
            if len(walk.chosen) > chosen:
                return True
        return False

    def _begin(self, angles, positions):
        """A pass begins, its rows at ``positions``: nothing of the one before is read, but its ``angles`` if it made
        some for this one. With ``angles`` None it is a draft that begins, which goes on with all there is."""
        self._settle()
        if angles is not None:
            self.buffer.forget()
            self.vector.forget(angles=not angles)
        self.vector.positions = [*positions, *positions[-1:] * (self._rows - len(positions))]

    def _choose(self, row):
        return int(self.tokens[row])

    def _execute(self, instruction):
        unit = instruction.unit
        if unit == "control":
            return self._settle()
        if unit == "engine":
            return self._engine.execute(instruction)
        if unit == "vector":
            written = self.vector.execute(instruction)
            self._posted += instruction["post"]
            return written
        if instruction["wait"] and not self._posted:
            raise MachineFault(f"load.{instruction.op} waits for ever")
        self._posted -= instruction["wait"]
        return self._load.execute(instruction)

    def _settle(self):
        left = {
            "results": len(self._results),
            "slices": len(self._slices),
            "posts": self._posted,
            "patches": sum(patch.content is not None for patch in self._patches.values()),
        }
        if any(left.values()):
            names = ", ".join(f"{count} {name}" for name, count in left.items() if count)
            raise MachineFault(f"the pass ends with {names} left over")
        self.memory.settle()
        return {}
