"""Sequences that share passes: each has a row, and a cache of its own."""

from golden.machine.fault import MachineFault
from golden.machine.request import CHOSEN
from golden.units.cache_view import cache_view


class Batch:
    """The ``count`` sequences of ``request`` (Request): what a pass takes of them, and what follows it.

    Every pass takes one token of each, and each chooses one, also where the prompt has another token for it: a run that
    chooses at all has logits in every pass. An end token that one of them chooses ends the run with the pass.
    """

    def __init__(self, request, count):
        self._request = request
        self._places = [[*place] for place in ((request.position, request.slot), *request.others)][:count]
        if len(self._places) < count:
            raise MachineFault(f"the program is for {count} sequences, the request has {len(self._places)}")
        if len(request.prompt) % count:
            raise MachineFault(f"{len(request.prompt)} tokens are not a multiple of {count} sequences")
        self._left = list(request.prompt)
        self._latest = [None] * count
        self.chosen, self.rows = [], []
        self.reason = None
        self.first = 0  #: of the rows that choose
        self.whole = True  #: all tokens of the pass count
        self.asks = False  #: a draft head has nothing to do

    @property
    def position(self):
        """Of the first sequence's next token."""
        return self._places[0][0]

    @property
    def positions(self):
        """The rows' positions in this pass. Rows behind the last sequence have none."""
        return [position for position, _ in self._places]

    def take(self, shape):
        """A pass begins, on caches of ``shape`` (CacheShape): ``tokens`` by row; it ends with ``logits``."""
        count = len(self._places)
        given, self._left = self._left[:count] or [CHOSEN] * count, self._left[count:]
        self.tokens = [latest if token == CHOSEN else token for token, latest in zip(given, self._latest, strict=True)]
        if None in self.tokens:
            raise MachineFault(f"sequence {self.tokens.index(None)} has chosen no token in this run")
        self._shape = shape
        self.logits = self._request.count > 0

    def view(self, number):
        """The CacheView of a sequence."""
        return cache_view(self._shape, *self._places[number], 1)

    def advance(self, choose, stopped):
        """Whether there is another pass."""
        for place in self._places:
            place[0] += 1
            place[1] = self._shape.sinks if place[1] + 1 == self._shape.slots else place[1] + 1
        if self.logits:
            self._latest = [choose(row) for row in range(len(self._places))]
            self.chosen += self._latest
            self.rows += range(len(self._latest))
            if set(self._latest) & set(self._request.ends):
                self.reason = "end"
            elif len(self.chosen) >= self._request.count:
                self.reason = "count"
        elif not self._left:
            self.reason = "count"
        if self.reason is None and stopped():
            self.reason = "stop"
        return self.reason is None
