"""Statements of a pass as instructions: what memory, engine and vector unit do for a product, a norm, a vector."""

from contextlib import contextmanager

from golden.formats.matrix import PHASES
from myhdl_acc.program.pieces import when
from myhdl_acc.program.place import words
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
        self._eps = eps
        self._condition = {}
        self._inputs = {name: cols for name, (_, cols) in place.spec.matrices.items()}

    def eps(self, layer):
        """Of a layer's norms."""
        return [eps for name, eps in self._eps.items() if name.startswith(f"layers.{layer}.")]

    @contextmanager
    def only(self, condition):
        """What is written inside and has no condition of its own is executed under this one (resolve.WHEN)."""
        self._condition = when(condition)
        yield
        self._condition = {}

    def emit(self, unit, op, **fields):
        fields = self._condition | fields
        self.program.append(instruction(unit, op, **fields))

    def vector(self, op, **fields):
        self.emit("vector", op, **fields)

    def engine(self, op, part, **fields):
        """An engine command on the beats of ``part``."""
        layered = self.layered and not fields.get("stride")
        self.emit(
            "engine", op, params=part.params, beats=part.beats, base=part.address, layered=layered, **fields
        )

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

        With ``wait`` the first slice waits until the operand is there. ``load(first, last)``: emits the slices of a
        part instead, which may be the first or the last.
        """
        kind = self.map.kinds[name]
        for part in parts:
            first, last = part is parts[0], part is parts[-1]
            if load is None:
                self.slices(name, operand, wait=wait and first)
            else:
                load(first, last)
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
        count = place.indices(place.spec.dim)
        self.vector("square", src=place.hidden, count=count, eps=self._eps[name], first=1, last=1)
        self.parameters("norm", self.map.parts(name), place.scratch, place.hidden)
        self.quantise(place.scratch, operand, place.spec.dim)

    def quantise(self, src, operand, elements):
        """``operand`` = int8 of the words from ``src`` on."""
        self.vector("quantise", src=src, dst=operand.word, count=self.place.indices(elements), post=1)

    def norm_heads(self, name, number, word, entry, heads):
        """RMSNorm of each of a head block's heads, which lie from ``word`` on; ``heads``: ``count`` and ``dims``."""
        width = self.place.indices(heads["dims"])
        self.vector("head_peak", src=word, entry=entry, **heads)
        self.vector("head_square", src=word, entry=entry, eps=self._eps[name], **heads)
        for part in self.map.head_norm_parts(name, number):
            self.parameters("head_norm", [part], word, word, entry=entry + part.first // width, dims=heads["dims"])
