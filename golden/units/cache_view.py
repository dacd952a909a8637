"""What a pass finds in the cache: how far it is filled, and where its new tokens lie in the lanes."""

from dataclasses import dataclass

from golden.lambda_attention import LambdaRule
from golden.layout import HeadLanes

#: Places in a head's lanes that pieces of the cache begin or end at. Where it is ``none``, they are not limited.
MARKS = ("none", "new", "new_end", "old_end", "end", "sinks", "turn")


@dataclass(frozen=True)
class CacheShape:
    """``capacity`` slots, the first ``sinks`` of which are never overwritten; ``lanes`` HeadLanes; ``words``: positions
    whose parameters share a beat; 2^``chunk_log2`` positions to an operation; ``taps``: positions whose keys share a
    beat; ``renews``: several tokens of a pass may evict as many. ``spare`` slots more hold tokens that are evicted, so
    that ``spare`` + 1 tokens of a pass overwrite none that the first of them meets."""

    capacity: int
    sinks: int
    lanes: HeadLanes
    words: int
    chunk_log2: int
    taps: int
    renews: bool
    spare: int = 0

    @property
    def slots(self):
        """Of the cache, the spare ones included."""
        return self.capacity + self.spare

    def pass_tokens(self, position, most):
        """How many tokens from ``position`` on a pass can take, at most ``most``. Their slots lie in one chunk of the
        cache. All evict one, or none does. Without spare slots the parameters of the keys of those that do lie in one
        beat."""
        slot, together = self.slot(position), self.lanes.share << self.chunk_log2
        if position < self.capacity:
            return min(most, self.capacity - position, together - slot % together)
        if not self.spare:
            together = self.words if self.renews else 1
        return min(most, self.slots - slot, together - slot % together)

    def slot(self, position):
        """Where the token at ``position`` is cached."""
        return LambdaRule(self.sinks, self.slots - self.sinks).slot(position)

    def passes(self, position, tokens, most):
        """How many passes take ``tokens`` tokens of a prompt from ``position`` on, each at most ``most``."""
        count = 0
        while tokens:
            taken = self.pass_tokens(position, min(tokens, most))
            position, tokens, count = position + taken, tokens - taken, count + 1
        return count


@dataclass(frozen=True)
class CacheView:
    """``slot`` of the first of ``last`` + 1 tokens, and its ``place`` in its lane; ``filled`` slots count it; the cache
    is ``full`` without it, so that each token evicts one; ``spare`` ones of those in use are evicted; ``sinks`` are met
    by a query of their own (0: none are). ``marks``: positions by name of MARKS."""

    position: int
    slot: int
    last: int
    filled: int
    full: bool
    spare: int
    sinks: int
    place: int
    marks: dict

    @property
    def capped(self):
        return self.sinks > 0

    @property
    def renews(self):
        """Several tokens take the slots of as many: an earlier one still meets what a later one evicts."""
        return self.full and self.last > 0 and not self.spare


def cache_view(shape, position, slot, tokens):
    """The CacheView of the pass that takes ``tokens`` tokens, the first at ``position``, into slots from ``slot`` on.

    ``end`` is behind the positions in use. ``new`` … ``new_end`` are whole beats of parameters and hold all new tokens'
    parameters; they do not begin within a token block and end in another, and ``turn`` is where that block begins.
    ``old_end`` is behind the positions that were in use before.
    """
    lanes, words, block = shape.lanes, shape.words, shape.lanes.block
    full = position >= shape.capacity
    filled = shape.slots if full else position + 1
    last = tokens - 1
    end = lanes.positions(filled if full else filled + last)
    first, final = slot // block, (slot + last) // block
    _, begin = lanes.place(slot)
    _, finish = lanes.place(slot + last)
    if first != final:  # the next block is another lane's, or the same lane's next
        begin, finish = min(begin, lanes.place(final * block)[1]), max(finish, lanes.place(final * block - 1)[1])
    new, new_end = begin // words * words, (finish // words + 1) * words
    if new // block != (new_end - 1) // block:
        new = new // block * block
    sinks = shape.sinks if full else 0
    old_end = end if full else lanes.positions(slot)
    place = lanes.place(slot)[1]
    marks = 0, new, min(new_end, end), old_end, end, lanes.positions(shape.sinks), place // block * block
    spare = shape.spare if full else 0
    return CacheView(position, slot, last, filled, full, spare, sinks, place, dict(zip(MARKS, marks, strict=True)))
