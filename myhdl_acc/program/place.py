"""How a model lies over a configuration: head blocks, and where each vector lies in the on-chip memories."""

from dataclasses import dataclass
from itertools import product

from golden.draft_shapes import NO_SIZE
from golden.errors import InputError
from golden.layout import WORD, HeadLanes
from golden.machine.text import MOST_TOKENS
from golden.units.cache_view import CacheShape
from golden.units.resolve import SLOTS
from myhdl_acc.rtl.vector.unit.head_table import ENTRIES
from myhdl_acc.rtl.vector.unit.records import LONGEST_HEAD
from myhdl_acc.rtl.vector.unit.weights_packer import SLICES

#: Of a vector, quantised and posted before the rest: a product uses them for longer than the rest takes.
FIRST_SLICES = 3


@dataclass(frozen=True)
class HeadBlock:
    """Key/value heads ``first`` … ``first + heads − 1``, which the lanes serve at the same time; block ``number``."""

    number: int
    first: int
    heads: int


@dataclass(frozen=True)
class HeadStep:
    """Step ``number`` of a layer: the ``member``-th query heads of every key/value head of ``block`` (HeadBlock).

    A row's query heads of a block lie in memory as its steps serve them. Of a batch it is the step of ``sequence``: all
    sequences have one of each number.
    """

    number: int
    block: HeadBlock
    member: int
    sequence: int = 0


@dataclass(frozen=True)
class Operand:
    """A vector of int8 in ``words`` words of the activation buffer from ``word`` on."""

    word: int
    words: int

    @property
    def end(self):
        return self.word + self.words


class Place:
    """``spec`` ModelSpec, ``rule`` LambdaRule and ``config`` AcceleratorConfig together.

    ``hidden``, ``scratch``, ``product``, ``scores`` and ``mixed`` are words of the vector unit's memory; ``normed``,
    ``gated``, ``near``, ``far``, ``key``, ``value`` and ``outputs`` are Operands; ``…_entry`` are entries of the table
    of heads. Raises InputError, naming the limit, if the model does not fit the configuration.

    ``drafts``: passes try as many tokens as there are rows. So the cache has spare slots for them.

    ``batch``: so many sequences have a row and a cache each, and a pass takes one token of each; 0: there is one, and
    the rows are its tokens.

    ``draft_size``: DraftSize of a draft head, which makes drafts, if there is one.

    In a pass of one token ``sharing`` rows share a step: turn t of a group is its query heads t·sharing + row. In a
    pass of several tokens a step is one query head of a group, and all rows have it.
    """

    def __init__(self, spec, rule, config, drafts=False, batch=0, draft_size=NO_SIZE):
        _check_batch(batch, config, drafts)
        self.batch = batch
        self.spec = spec
        self.drafts = drafts
        self.draft_size = draft_size
        self.rule = rule
        self.config = config
        lanes, atoms, dims = config.lanes, config.atoms, spec.head_dim
        self.beat_words = config.beat_bits // 32  #: parameter words in a beat
        _require(dims % WORD == 0, f"head_dim must be a multiple of {WORD}, not {dims}")
        self.block = 16 * atoms  #: slots in a token block
        self.slice = 2 * self.block  #: positions whose probabilities are a slice
        wide = f"with beats of {config.beat_bits} bits"
        _require(dims <= self.block, f"head_dim may be at most {self.block} {wide}, not {dims}")
        _require(dims <= config.acc_depth, f"head_dim may be at most acc_depth = {config.acc_depth}, not {dims}")
        _require(config.acc_depth >= self.block, f"acc_depth must be at least {self.block} {wide}")
        self.split = dims <= 8 * atoms  #: two keys share a beat
        # Heads that are no group have one step a block. Then two lanes a head at least: as many heads as lanes are two
        # blocks, and the products of one run while the vector unit is at the softmax of the other.
        most = lanes.bit_length() - 1
        if spec.group == 1:
            most = max(0, most - 1)
        self.heads_log2 = min((spec.kv_heads - 1).bit_length(), most)
        together = 1 << self.heads_log2
        firsts = range(0, spec.kv_heads, together)
        self.head_blocks = [
            HeadBlock(number, first, min(together, spec.kv_heads - first)) for number, first in enumerate(firsts)
        ]
        self.sharing = min(config.rows, spec.group)
        self.turns = -(-spec.group // self.sharing)
        #: what the lanes serve at a time, in order: in a pass of several tokens, and of one
        self.head_steps, self.shared_steps = self._steps(spec.group), self._steps(self.turns)
        #: of a pass that takes a token of each sequence
        self.batch_steps = self._steps(spec.group, range(batch))
        self.head_lanes = HeadLanes(lanes, self.heads_log2, self.block)
        #: positions of a lane that one qk operation covers
        self.chunk = 1 << config.acc_depth.bit_length() - 1
        #: positions of a lane in a full cache
        spare = min(config.rows, MOST_TOKENS) - 1 if drafts else 0
        self.positions = self.head_lanes.positions(rule.capacity + spare)
        _require(
            not drafts or rule.capacity + spare < SLOTS - MOST_TOKENS,
            f"with drafts the cache has at most {SLOTS - 2 * MOST_TOKENS} tokens, not {rule.capacity}",
        )
        for name, terms in {
            "dim": spec.dim, "ffn": spec.ffn, "heads · head_dim": spec.heads * dims,
            "the draft head's ffn": draft_size.ffn,
        }.items():  # fmt: skip
            _require(terms <= config.max_k, f"{name} may be at most max_k = {config.max_k}, not {terms}")
        #: A head step's weights may be more than the queue before the lanes holds: the vector unit waits till ``pv``
        #: begins, so no results that it has to take may be in its way.
        self.held_up = self.padded(self.positions) > SLICES * self.slice
        #: the same where the new tokens' are a slice of their own
        self.held_up_renewing = self.padded(self.positions) + self.slice > SLICES * self.slice
        renews = self._place_vectors()
        #: what the program and its hardware know of the cache
        self.shape = CacheShape(
            rule.capacity, rule.sinks, self.head_lanes, self.beat_words, self.chunk.bit_length() - 1, 1 + self.split,
            renews, spare,
        )  # fmt: skip
        self._place_activations()
        self._place_entries()

    def indices(self, elements):
        """Words per column of a vector; it fills whole words of the activation buffer."""
        return words(elements) * WORD // self.config.lanes

    def chunks(self, positions):
        """``(first position, positions)`` of the operations that cover the first ``positions`` of every lane."""
        return [(first, min(self.chunk, positions - first)) for first in range(0, positions, self.chunk)]

    def _steps(self, members, sequences=range(1)):
        served = product(self.head_blocks, range(members))
        return [HeadStep(number, *one, sequence) for number, one in enumerate(served) for sequence in sequences]

    def served(self, row):
        """The members of a group that ``row`` serves, a turn each."""
        return range(row, self.spec.group, self.sharing)

    def before(self, row):
        """Members of a group that rows before ``row`` serve: their query heads of a block come first in memory."""
        return sum(len(self.served(other)) for other in range(row))

    @property
    def query_order(self):
        """The query heads in the order in which memory has them."""
        members = [member for row in range(self.sharing) for member in self.served(row)]
        return [
            (block.first + head) * self.spec.group + member
            for block in self.head_blocks
            for member in members
            for head in range(block.heads)
        ]

    def gathers(self, shared):
        """``(HeadStep, word, rows)`` in the order in which words of heads are gathered: of every head of the step in
        each of the first ``rows`` rows.

        The first words of all heads of a turn, the second ones, …
        """
        found = []
        for block in self.head_blocks:
            for turn in range(self.turns):
                rows = [row for row in range(self.sharing) if turn < len(self.served(row))]
                for word in range(words(self.spec.head_dim)):
                    if shared:
                        found.append((self.shared_steps[block.number * self.turns + turn], word, len(rows)))
                    else:
                        first = block.number * self.spec.group + turn
                        found += [(self.head_steps[first + self.before(row)], word, 1) for row in rows]
        return found

    def pieces(self, elements):
        """``(first, end)`` words per column of the pieces, one or two, in which a vector is quantised."""
        count, first = self.indices(elements), self.indices(FIRST_SLICES * self.config.slice_len)
        return [(0, first), (first, count)] if first < count else [(0, count)]

    @property
    def output_words(self):
        """Where each word of the output matrix's operand comes from: words of its heads, all heads one after the other.

        It lies in the order of gathers().
        """
        width, group = words(self.spec.head_dim), self.spec.group
        order = self.query_order
        return [
            order[step.block.first * group + step.member * step.block.heads + head] * width + word
            for step, word, _ in self.gathers(shared=False)
            for head in range(step.block.heads)
        ]

    def padded(self, positions):
        """``positions`` of a lane as whole slices of probabilities: two token blocks each."""
        return -(-positions // self.slice) * self.slice

    def _place_vectors(self):
        """``hidden``, then ``scratch``, then those of attention or, in the same words, the feed-forward's product.

        Returns whether there is room for scores of new tokens that are apart from the others.
        """
        spec, dims = self.spec, self.spec.head_dim
        queries = self.indices(spec.heads * dims)
        self.hidden = 0
        self.scratch = self.hidden + self.indices(spec.dim)
        self.product = self.scratch + max(self.indices(spec.dim), queries)
        #: Of scores and of value parameters: where the slice of such new tokens begins, behind those of a full cache.
        self.new_positions = self.padded(self.positions)
        mixed, depth = len(self.head_blocks) * spec.group * dims, self.config.vector_depth
        self.scores = self.product + queries

        def needed(scores):
            """There are half as many value parameters as words."""
            return max(2 * scores, self.scores + scores + mixed)

        renews = not self.drafts and not self.batch and needed(self.new_positions + self.slice) <= depth
        scores = self.new_positions + self.slice * renews
        self.mixed = self.scores + scores
        most = max(needed(scores), self.product + self.indices(max(spec.ffn, self.draft_size.ffn)))
        _require(
            most <= depth,
            f"the vector unit's memory needs {most} words, vector_depth is {depth}"
            f" ({scores} of them for a cache of {self.rule.capacity} tokens; a smaller window needs fewer)",
        )
        return renews

    def _place_activations(self):
        """``normed``, then those of attention or, in the same words, ``gated``."""
        spec = self.spec
        queries, keys = words(spec.heads * spec.head_dim), words(spec.kv_heads * spec.head_dim)
        self.normed = Operand(0, words(spec.dim))
        self.gated = Operand(self.normed.end, words(max(spec.ffn, self.draft_size.ffn)))
        self.near = Operand(self.normed.end, queries)
        self.far = Operand(self.near.end, queries)
        self.key = Operand(self.far.end, keys)
        self.value = Operand(self.key.end, keys)
        self.outputs = Operand(self.value.end, queries)
        needed = max(self.outputs.end, self.gated.end)
        available = self.config.activation_words
        _require(needed <= available, f"the activation buffer needs {needed} words, activation_words is {available}")

    def _place_entries(self):
        spec = self.spec
        if self.draft_size:  # its first state is normed like a head
            width = self.indices(spec.dim)
            _require(width <= LONGEST_HEAD, f"a draft head needs {width} words of the state, at most {LONGEST_HEAD}")
        self.near_entry = 0
        self.far_entry = spec.heads
        self.key_entry = 2 * spec.heads
        self.value_entry = self.key_entry + spec.kv_heads
        needed = self.value_entry + spec.kv_heads
        _require(needed <= ENTRIES, f"the heads need {needed} table entries, there are {ENTRIES}")


def words(elements):
    """Words of the activation buffer for a vector."""
    return -(-elements // WORD)


def _check_batch(batch, config, drafts):
    most = min(config.rows, MOST_TOKENS)
    if isinstance(batch, bool) or not isinstance(batch, int) or batch < 0 or batch == 1 or batch > most:
        rows = f"the configuration has {config.rows} row" + "s" * (config.rows > 1)
        raise InputError(f"batch: it has 2 sequences at least, and {rows}, one for each sequence, not {batch!r}")
    if batch and drafts:
        raise InputError("batch: its rows have no room for drafts")


def _require(condition, message):
    if not condition:
        raise InputError(f"the model does not fit the configuration: {message}")
