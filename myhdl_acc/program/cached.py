"""The cache as a pass meets it: which slots it fills, and which operations read and patch them."""

from myhdl_acc.rtl.vector.unit.weights_packer import SLICES

ALL, NEAR, FAR, OTHERS = range(4)  #: codes of ``part``


class Cached:
    """What ``tokens`` tokens from ``position`` on, one in a row, find in the cache that ``place`` (Place) lays out.

    ``positions``: of a lane, in use; ``capped``: sinks and window are met by different queries; ``last``: the last row
    that holds a token; ``shared``: the rows have one token, and share its query heads.
    """

    def __init__(self, place, position, tokens):
        rule = place.rule
        self._place = place
        self._slot = rule.slot(position)
        self._tokens = tokens
        self._filled = rule.filled(position)
        self._evicts = position >= rule.capacity
        self.last = tokens - 1
        self.shared = tokens == 1 and place.sharing > 1
        self.capped = bool(rule.capped(position))
        self.positions = place.head_lanes.positions(self._filled + self.last)
        self.padded = place.padded(self.positions)
        #: A head step's probabilities are more than the queue before the lanes holds: the vector unit waits till ``pv``
        #: begins, which needs a bank, so only one product's results may still be to come.
        self.held_up = self.padded > SLICES * place.slice
        self.old, self.new = self._scale_pieces()

    def met(self, first=0):
        """Fields that say which tokens a query meets, for positions from ``first`` on."""
        before = self._place.head_lanes.first_slot(first)
        return {
            "heads_log2": self._place.heads_log2,
            "row": self.last,
            "filled": self._filled - before,
            "sinks": max(0, self._place.rule.sinks - before) if self.capped else 0,
        }

    def kept(self, first, positions):
        """Fields as met() has them that leave out the new tokens, or the one that is evicted."""
        slot = self._slot - self._place.head_lanes.first_slot(first)
        if not self._evicts:
            return self.met(first) | {"filled": max(0, slot), "row": 0}
        return self.met(first) | ({"part": OTHERS, "sinks": slot} if self._has(first, positions) else {})

    def patch(self, code, first, positions, release=False):
        """Fields of an operation on ``positions`` positions from ``first`` on; none unless the new tokens are there."""
        if not self._has(first, positions):
            return {}
        return {
            "patch": code,
            "slot": self._slot - self._place.head_lanes.first_slot(first),
            "tokens": self._tokens,
            "heads_log2": self._place.heads_log2,
            "release": release,
        }

    def _has(self, first, positions):
        """The first new token's slot is among ``positions`` positions from ``first`` on."""
        return first <= self._place.head_lanes.place(self._slot)[1] < first + positions

    def _scale_pieces(self):
        """``(first position, positions)`` of the operations that read the value parameters: those that need no new
        token, and those that do.

        The new ones share beats with the new tokens' parameters; no piece begins within a token block and ends in
        another. Unless the new tokens' beats are the last ones, the old ones read these as well (see kept).
        """
        place = self._place
        places = [place.head_lanes.place(self._slot + row)[1] for row in range(self._tokens)]
        first = min(places) // place.beat_words * place.beat_words
        end = (max(places) // place.beat_words + 1) * place.beat_words
        if first // place.block != (end - 1) // place.block:
            first = first // place.block * place.block
        old = self.positions if self._evicts else place.head_lanes.positions(self._slot)
        return self.pieces(0, old if end < old else first), self.pieces(first, min(end, self.positions))

    def pieces(self, first, end):
        """``(first position, positions)`` of the operations that cover ``first`` … ``end − 1``."""
        return [(first + start, count) for start, count in self._place.chunks(end - first)]
