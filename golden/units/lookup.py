"""Drafts without a model: what followed the last tokens where they came before (prompt lookup decoding, Saxena 2023;
the n-grams of Leviathan et al., arXiv 2211.17192, as the draft model)."""

from dataclasses import dataclass, field

LONGEST = 3  #: tokens that are looked up at once, at most


@dataclass
class Lookup:
    """The last ``depth`` tokens of a text, a power of two from 1,024 on, and for every 1, 2 and 3 tokens where they
    came last.

    A table for each of these lengths has ``depth`` places. Tokens that share one forget each other. ``length``: of the
    last tokens, how many came before, as the latest ``drafts`` found; 0: none.
    """

    depth: int
    length: int = 0
    _text: dict = field(default_factory=dict)
    _tables: list = field(default_factory=lambda: [{} for _ in range(LONGEST)])
    _count: int = 0
    _found: list = field(default_factory=list)

    def clear(self):
        """Forget the text."""
        self._text, self._count, self._found = {}, 0, []
        self._tables = [{} for _ in range(LONGEST)]

    def add(self, token):
        """The text goes on with ``token``."""
        place = self._count % self.depth
        self._text[place] = token
        self._count += 1
        self._found = []
        for number, table in enumerate(self._tables[: self._count]):
            key = self._key(place, number)
            self._found.append(table.get(key))
            table[key] = place

    def drafts(self, most):
        """Up to ``most`` tokens that may come next: those that followed the last 3 tokens when they came before, or
        else the last 2, or the last one."""
        place = (self._count - 1) % self.depth
        for length in range(len(self._found), 0, -1):
            found = self._found[length - 1]
            if found is not None and all(self._same(found, place, back) for back in range(length)):
                self.length = length
                count = min(most, (place - found) % self.depth)
                return [self._text[(found + step) % self.depth] for step in range(1, count + 1)]
        self.length = 0
        return []

    def _same(self, one, other, back):
        return self._text[(one - back) % self.depth] == self._text[(other - back) % self.depth]

    def _key(self, place, number):
        """Of the ``number`` + 1 tokens up to ``place``: each folded to a table's index, turned and joined."""
        bits = self.depth.bit_length() - 1
        key = 0
        for back in range(number + 1):
            token = self._text[(place - back) % self.depth]
            folded = (token ^ token >> bits) & self.depth - 1
            turn = back * bits // LONGEST
            key ^= folded << turn & self.depth - 1 | folded >> bits - turn
        return key
