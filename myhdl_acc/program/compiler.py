"""From a model's shape to the program of a pass: one token, or a few of a prompt, through all layers.

What is computed is ``model``'s, where it lies ``place``'s and ``memory_map``'s, in which order ``order``'s. Every
program is checked: no timing makes it wrong (hazards), and it ends (queues).
"""

from golden.errors import InputError
from golden.units.rope_angle import phase_increments
from myhdl_acc.program.cached import Cached
from myhdl_acc.program.hazards import check_order
from myhdl_acc.program.memory_map import MemoryMap
from myhdl_acc.program.model import Forward
from myhdl_acc.program.order import with_reads
from myhdl_acc.program.place import MOST_TOKENS, Place
from myhdl_acc.program.queues import check_queues
from myhdl_acc.program.writer import Writer


class Compiler:
    """Compiles passes of ``model`` (AccModel) with ``rule`` (LambdaRule) for ``config``.

    ``place`` and ``map`` say where everything lies. Raises InputError if the model does not fit.
    """

    def __init__(self, model, rule, config):
        self.place = Place(model.spec, rule, config)
        self.map = MemoryMap(self.place, {name: matrix.packed.kind for name, matrix in model.matrices.items()})
        self._norms = {name: (norm.exponent, norm.eps) for name, norm in model.norms.items()}
        self._increments = [int(i) for i in phase_increments(model.spec.frequencies(rule.capacity))]

    def pass_tokens(self, position, tokens):
        """How many of ``tokens`` tokens from ``position`` on one pass can take.

        Rows of a pass evict nothing, and their slots lie in one chunk of the cache.
        """
        place, capacity = self.place, self.place.rule.capacity
        if position >= capacity:
            return 1
        chunk = place.chunk * place.head_lanes.share
        limit = min(capacity, (position // chunk + 1) * chunk)
        return min(tokens, place.config.rows, MOST_TOKENS, limit - position)

    def program(self, position, tokens, logits=True):
        """Instructions that take ``tokens``, the first at ``position``, through the model.

        With ``logits`` the last token's logits are written and the most likely next token is found.
        """
        spec, config = self.place.spec, self.place.config
        wrong = [token for token in tokens if not 0 <= token < spec.vocab]
        if wrong:
            raise InputError(f"program: token {wrong[0]} is outside the vocabulary of {spec.vocab}")
        if not 0 <= position < 1 << 31:
            raise InputError(f"program: position {position} is not in 0 … 2^31 − 1")
        if not tokens or len(tokens) != self.pass_tokens(position, len(tokens)):
            raise InputError(f"program: {len(tokens)} tokens at position {position} are not one pass")
        writer = Writer(self.place, self.map, self._norms)
        Forward(writer, Cached(self.place, position, len(tokens))).run(position, tokens, self._increments, logits)
        program = with_reads(writer.program, writer.reads)
        check_order(program, config)
        check_queues(program, config)
        return program
