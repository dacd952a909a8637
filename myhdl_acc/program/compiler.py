"""From a model's shape to the resident program, which takes any tokens through all layers, as long as the host wants.

What is computed is ``model``'s, where it lies ``place``'s and ``memory_map``'s, in which order ``order``'s. Every
program is checked: no timing makes it wrong (hazards), and it ends (queues).
"""

from functools import cached_property

from golden.errors import InputError
from golden.machine.walk import MOST_TOKENS, Request, Walk
from golden.units.rope_angle import phase_increments
from myhdl_acc.program.hazards import check_order
from myhdl_acc.program.memory_map import MemoryMap
from myhdl_acc.program.model import Forward
from myhdl_acc.program.place import Place
from myhdl_acc.program.queues import check_queues
from myhdl_acc.program.writer import Writer
from myhdl_acc.rtl.control.instruction import instruction

_LAYERS = 3  # of a loop that the checks go through: all that a layer can meet is the one before


class Compiler:
    """Compiles the program of ``model`` (AccModel) with ``rule`` (LambdaRule) for ``config``. ``kept``: choices whose
    logits are kept in memory. ``drafts``: passes may try several tokens.

    ``place`` and ``map`` say where everything lies; ``resident`` is the program, unchecked. Raises InputError if the
    model does not fit.
    """

    def __init__(self, model, rule, config, kept=1, drafts=False):
        self.place = Place(model.spec, rule, config, drafts)
        self.map = MemoryMap(self.place, {name: matrix.packed.kind for name, matrix in model.matrices.items()}, kept)
        writer = Writer(self.place, self.map, {name: norm.eps for name, norm in model.norms.items()})
        Forward(writer, [int(i) for i in phase_increments(model.spec.frequencies(rule.capacity))]).write()
        self.resident = writer.program
        if len(self.resident) > config.program_depth:
            raise InputError(
                f"program: it has {len(self.resident)} instructions, the configuration holds program_depth ="
                f" {config.program_depth}; layers of equal formats share theirs"
            )

    @cached_property
    def program(self):
        """The resident program: instructions, which are checked when they are asked for."""
        self._check(self.resident)
        return self.resident

    def passes(self, request, program=None):
        """What the units execute for ``request`` (Request), if every choice is token 0: instructions, ``end``
        included."""
        config = self.place.config
        program = self.program if program is None else program
        walk = Walk(program, request, config.lanes, self.place.block, self.place.beat_words, config.rows)
        return list(walk.instructions(lambda angles: None, lambda row: 0))

    def request(self, prompt, count, position=0, **fields):
        """A Request whose first token goes to the slot that is ``position``'s."""
        wrong = [token for token in prompt if not 0 <= token < self.place.spec.vocab]
        if wrong:
            raise InputError(f"program: token {wrong[0]} is outside the vocabulary of {self.place.spec.vocab}")
        if not 0 <= position < 1 << 31:
            raise InputError(f"program: position {position} is not in 0 … 2^31 − 1")
        return Request(tuple(prompt), count, position, int(self.place.shape.slot(position)), **fields)

    def _check(self, program):
        """Two passes, of one token and of as many as there are rows, wherever the cache looks different."""
        place, config = self.place, self.place.config
        short = [_shortened(i) if i.op == "repeat" else i for i in program]
        capacity, share = place.rule.capacity, place.head_lanes.share
        edges = {0, place.beat_words, place.block, place.block * share, place.chunk * share, capacity}
        edges.add(place.shape.slots)
        starts = {edge + step for edge in edges for step in (-1, 0, 1)} | {capacity + place.block * share}
        for position in sorted(start for start in starts if 0 <= start <= capacity + place.block * share):
            for tokens in {1, min(config.rows, MOST_TOKENS)}:
                passes = self.passes(self.request([0] * tokens, 2, position), short)
                check_order(passes, config)
                check_queues(passes, config)


def _shortened(repeat):
    return instruction(repeat.unit, repeat.op, **(repeat.fields | {"count": min(repeat["count"], _LAYERS)}))
