"""Statements of a pass as instructions: what memory, engine and vector unit do for a product, a norm, a vector."""

from contextlib import contextmanager
from itertools import pairwise

from golden.draft_shapes import draft_shapes
from golden.formats.matrix import PHASES
from golden.layout import WORD
from myhdl_acc.program.pieces import when
from myhdl_acc.program.place import FIRST_SLICES, words
from myhdl_acc.rtl.control.instruction import instruction
from myhdl_acc.rtl.vector.unit.instructions import INSTRUCTIONS


class Writer:
    """The resident ``program`` as it is written, in program order.

    ``place`` Place, ``map`` MemoryMap; ``eps`` of norms by name. What is written while ``layered`` is true belongs to
    each layer of a loop: its addresses are the first layer's.
    """

    def __init__(self, place, memory_map, eps):
        self.place = place
        self.map = memory_map
        self.program = []
        self.layered = False
        self._arrivals = {}  # of an operand: the slices that each post completes
        self._eps = eps
        self._condition = {}
        self._sequence = None  # that instructions are for, if it is known
        shapes = place.spec.matrices | draft_shapes(place.spec, place.draft_size)
        self._inputs = {name: cols for name, (_, cols) in shapes.items()}

    def eps(self, layer):
        """Of a layer's norms."""
        return [eps for name, eps in self._eps.items() if name.startswith(f"layers.{layer}.")]

    @contextmanager
    def only(self, condition):
        """What is written inside and has no condition of its own is executed under this one (resolve.WHEN)."""
        self._condition = when(condition)
        yield
        self._condition = {}

    def turn_to(self, sequence):
        """What follows is for ``sequence`` of a batch."""
        if self.place.batch and sequence != self._sequence:
            self.program.append(instruction("control", "sequence", number=sequence))
            self._sequence = sequence

    def label(self):
        """The number of the next instruction, which may be reached from elsewhere."""
        self._sequence = None
        return len(self.program)

    def choose(self, condition, write, otherwise):
        """What ``write()`` writes is executed if the condition holds (resolve.WHEN), else what ``otherwise()`` does."""
        first = self._jump(condition)
        otherwise()
        second = self._jump("always")
        self._land(first)
        write()
        self._land(second)

    def _jump(self, condition):
        self.emit("control", "jump", **when(condition))
        return len(self.program) - 1

    def _land(self, number):
        """Jump ``number`` leads here."""
        jump = self.program[number]
        self.program[number] = instruction(jump.unit, jump.op, **(jump.fields | {"target": self.label()}))

    def emit(self, unit, op, **fields):
        self.program.append(instruction(unit, op, **(self._condition | fields)))

    def vector(self, op, **fields):
        self.emit("vector", op, **fields)

    def engine(self, op, part, **fields):
        """An engine command on the beats of ``part``."""
        self.emit(
            "engine", op, params=part.params, skip=part.skip, beats=part.beats, base=part.address,
            layered=self.layered, **fields,
        )  # fmt: skip

    def results(self, op, parts, part, src, dst, **fields):
        """A vector instruction on the results of ``part``, one of ``parts``: from words ``src`` to words ``dst`` on."""
        used = INSTRUCTIONS[op].fields.split()
        if "src" in used:
            fields["src"] = src + part.first
        if "first" in used:
            fields |= {"first": part is parts[0], "last": part is parts[-1]}
        self.vector(op, dst=dst + part.first, count=part.count, **fields)

    def parameters(self, op, parts, dst, src=None, **fields):
        """Parameters from memory for vector instructions ``op``, which also takes words from ``src`` on."""
        for part in parts:
            self.engine("meta", part, middle=part.count)
            self.results(op, parts, part, src, dst, **fields)

    def product(self, op, name, operand, dst, number=None, wait=True, load=None):
        """Matrix ``name`` times ``operand`` for vector instructions ``op``; the other arguments are matrix()'s."""
        parts = self.map.parts(name, number)
        for part in self.matrix(name, operand, parts, wait, load):
            self.results(op, parts, part, dst, dst)

    def matrix(self, name, operand, parts, wait=True, load=None):
        """Slices and commands of a matrix's ``parts``; yields each where its results are to be taken.

        With ``wait`` the first part's slices wait until they are there, as arrive() has it. ``load(last)``: emits the
        slices of a part instead, which may be the last.
        """
        kind = self.map.kinds[name]
        for part in parts:
            if load is not None:
                load(part is parts[-1])
            elif wait and part is parts[0]:
                for first, end in pairwise([0, *self._arrivals[operand], self.slices_of(name)]):
                    self.slices(name, operand, first, end, wait=True)
            else:
                self.slices(name, operand)
            self.engine(kind, part, outer=self.slices_of(name), middle=part.count, inner=PHASES[kind] - 1)
            yield part

    def slices_of(self, name):
        """Slices of a matrix's operand."""
        return -(-self._inputs[name] // self.place.config.slice_len)

    def slices(self, name, operand, first=0, end=None, wait=False):
        """Slices ``first`` … ``end − 1`` of a matrix's operand to the engine."""
        atoms, end = self.place.config.atoms, self.slices_of(name) if end is None else end
        count, done = (end - first) * atoms, first * atoms
        valid = min(count, max(0, words(self._inputs[name]) - done))
        if count:
            self.emit("load", "slice", address=operand.word + done, words=count, valid=valid, wait=wait)

    def norm(self, name, operand):
        """``operand`` = RMSNorm ``name`` of ``hidden``."""
        place = self.place
        self.parameters("norm", self.map.parts(name), place.scratch, place.hidden, eps=self._eps[name])
        self.quantise(place.scratch, operand, place.spec.dim, scaled=1)

    def norm_state(self, name):
        """The words of ``scratch`` = RMSNorm ``name`` of ``hidden``, as that of a single head."""
        place = self.place
        count = place.indices(place.spec.dim)
        whole = {"src": place.hidden, "count": count, "dims": count * place.config.lanes}
        self.vector("head_peak", **whole)
        self.vector("head_square", eps=self._eps[name], **whole)
        for part in self.map.parts(name):
            dims = part.count * place.config.lanes
            self.parameters("head_norm", [part], place.scratch, place.hidden, dims=dims)

    def quantise(self, src, operand, elements, **fields):
        """``operand`` = int8 of the words from ``src`` on. Its product begins with the first slices."""
        pieces = self.place.pieces(elements)
        for begin, end in pieces:
            dst = operand.word + begin * self.place.config.lanes // WORD
            self.vector("quantise", src=src + begin, dst=dst, count=end - begin, post=1, **fields)
        self.arrive(operand, [FIRST_SLICES] * (len(pieces) - 1))

    def arrive(self, operand, slices):
        """``operand`` is posted piece by piece: how many slices are there with each post but the last."""
        self._arrivals[operand] = slices

    def norm_heads(self, name, word, entry, heads):
        """RMSNorm of each of some heads, which lie from ``word`` on; ``heads``: ``count`` and ``dims``."""
        width = self.place.indices(heads["dims"])
        self.vector("head_peak", src=word, entry=entry, **heads)
        self.vector("head_square", src=word, entry=entry, eps=self._eps[name], **heads)
        for part in self.map.head_norm_parts(name, heads["count"]):
            self.parameters("head_norm", [part], word, word, entry=entry + part.first // width, dims=heads["dims"])
