"""Runs programs: every instruction takes effect completely before the next one.

That is one of the orders in which hardware may do the same; where hardware would wait for ever, or read what nothing
has written, the program is wrong and MachineFault is raised.
"""

from golden.blas import one_thread
from golden.machine.engine import Engine, Results
from golden.machine.fault import MachineFault, Made
from golden.machine.load import ActivationBuffer, LoadUnit, NewTokens, Slices
from golden.machine.memory import BeatStreams
from golden.machine.vector import VectorUnit
from golden.units.patch import PATCH_KEY, PATCH_VALUE
from golden.units.sampling import GREEDY


class Machine:
    """``memory`` Memory; ``atoms`` of 64 bits in a beat; ``vector_depth`` words in a column of the vector unit;
    ``activation_words`` words in the activation buffer.

    Instructions have ``unit``, ``op`` and fields by ``[name]`` (docs/instructions.md).
    """

    def __init__(self, memory, rows, atoms, vector_depth, activation_words):
        self.memory = memory
        self._streams = BeatStreams(memory)
        self._results = Results()
        self._slices = Slices()
        self._patches = {PATCH_KEY: NewTokens("key"), PATCH_VALUE: NewTokens("value")}
        self.buffer = ActivationBuffer(rows, activation_words)
        table = Made("table entry")
        self._load = LoadUnit(memory.lanes, atoms, self.buffer, table, self._slices, self._patches)
        self._engine = Engine(memory, rows, atoms, self._streams, self._slices, self._patches, self._results)
        self.vector = VectorUnit(memory, rows, atoms, vector_depth, self.buffer, self._results, self._slices, table)
        self._posted = 0  # what the load unit may wait for

    @property
    def tokens(self):
        """Per row the index of its largest logit, or what was drawn."""
        return self.vector.token

    @one_thread
    def run(self, program, trace=None, sampling=GREEDY):
        """Execute ``program``, which ends with ``control.end``. ``sampling`` (Sampling): how tokens are chosen.

        ``trace(number, instruction, written)`` is called after every instruction with what it wrote, by name.
        """
        self.buffer.forget()
        self.vector.forget()
        self.vector.sampling = sampling
        for number, instruction in enumerate(program):
            try:
                written = self._execute(instruction)
            except MachineFault as fault:
                raise MachineFault(f"instruction {number}: {fault}") from None
            if trace is not None:
                trace(number, instruction, written)
            if (instruction.unit, instruction.op) == ("control", "end"):
                return
        raise MachineFault("the program has no control.end")

    def _execute(self, instruction):
        unit = instruction.unit
        if unit == "control":
            return self._settle(instruction)
        if unit == "read":
            self._streams.fetch(instruction["address"], instruction["beats"])
            return {}
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

    def _settle(self, instruction):
        left = {
            "beats": len(self._streams),
            "results": len(self._results),
            "slices": len(self._slices),
            "posts": self._posted,
            "patches": sum(patch.content is not None for patch in self._patches.values()),
        }
        if instruction.op == "end" and any(left.values()):
            names = ", ".join(f"{count} {name}" for name, count in left.items() if count)
            raise MachineFault(f"the program ends with {names} left over")
        self.memory.settle()
        return {}
