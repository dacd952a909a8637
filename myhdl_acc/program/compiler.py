"""From a model's shape to the resident program, which takes any tokens through all layers, as long as the host wants.

What is computed is ``model``'s, where it lies ``place``'s and ``memory_map``'s, in which order ``order``'s. Every
program is checked: no timing makes it wrong (hazards), and it ends (queues).
"""

from functools import cached_property

from golden.draft_shapes import NO_HEAD, NO_SIZE
from golden.errors import InputError
from golden.machine.request import CHOSEN, Request
from golden.machine.text import MOST_TOKENS
from golden.machine.walk import Walk
from golden.units.drafter import HEADS, LOOKUP, SOURCES, Drafter
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
    logits are kept in memory. ``drafts``: passes may try several tokens, which come from ``source`` (of SOURCES): auto
    is lookup where the model has no draft head, or one that does not fit. ``batch``: as Place has it.

    ``place`` and ``map`` say where everything lies; ``resident`` is the program, unchecked. Raises InputError if the
    model does not fit.
    """

    def __init__(self, model, rule, config, kept=1, drafts=False, batch=0, source="lookup"):
        draft = model.draft if drafts and source != SOURCES[LOOKUP] else {}
        if source == SOURCES[HEADS] and not draft:
            raise InputError(NO_HEAD)
        try:
            self._compile(model, rule, config, kept, bool(drafts), batch, draft)
        except InputError:
            if not draft or source == SOURCES[HEADS]:
                raise
            self._compile(model, rule, config, kept, bool(drafts), batch, {})

    def _compile(self, model, rule, config, kept, drafts, batch, draft):
        """With the matrices ``draft`` of a draft head, or none."""
        size = model.draft_size if draft else NO_SIZE
        self.place = Place(model.spec, rule, config, drafts, batch, draft_size=size)
        self.map = MemoryMap(
            self.place, {n: matrix.packed.kind for n, matrix in (model.matrices | draft).items()}, kept
        )
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
        drafter = Drafter(config.lookup_depth)
        walk = Walk(program, request, config.lanes, self.place.block, self.place.beat_words, config.rows, drafter)
        return list(walk.instructions(lambda angles, positions: None, lambda row: 0))

    def request(self, prompt, count, position=0, others=(), **fields):
        """A Request whose first token goes to the slot that is ``position``'s; of a batch ``others`` are the positions
        of the other sequences."""
        known = {CHOSEN} if self.place.batch else set()
        wrong = [token for token in prompt if not 0 <= token < self.place.spec.vocab and token not in known]
        if wrong:
            raise InputError(f"program: token {wrong[0]} is outside the vocabulary of {self.place.spec.vocab}")
        wrong = [one for one in (position, *others) if not 0 <= one < 1 << 31]
        if wrong:
            raise InputError(f"program: position {wrong[0]} is not in 0 … 2^31 − 1")
        (_, slot), *others = ((one, int(self.place.shape.slot(one))) for one in (position, *others))
        return Request(tuple(prompt), count, position, slot, others=tuple(others), **fields)

    def _check(self, program):
        """Two passes, of one token and of as many as there are rows, wherever the cache looks different. A draft head's
        drafts between them look alike everywhere."""
        place, config = self.place, self.place.config
        short = [_shortened(i) if i.op == "repeat" else i for i in program]
        capacity, share = place.rule.capacity, place.head_lanes.share
        edges = {0, place.beat_words, place.block, place.block * share, place.chunk * share, capacity}
        edges.add(place.shape.slots)
        starts = {edge + step for edge in edges for step in (-1, 0, 1)} | {capacity + place.block * share}
        for request in self._edge_requests(sorted(one for one in starts if 0 <= one <= capacity + place.block * share)):
            passes = self.passes(request, short)
            check_order(passes, config)
            check_queues(passes, config)

    def _edge_requests(self, positions):
        batch, turned = self.place.batch, [*positions[1:], positions[0]]
        for position, other in zip(positions, turned, strict=True):
            if batch:
                yield self.request([0] * batch, 2 * batch, position, (other,) * (batch - 1))
            else:
                for tokens in {1, min(self.place.config.rows, MOST_TOKENS)}:
                    yield self.request([0] * tokens, 2, position, drafts=int(bool(self.place.draft_size)), source=HEADS)


def _shortened(repeat):
    return instruction(repeat.unit, repeat.op, **(repeat.fields | {"count": min(repeat["count"], _LAYERS)}))
