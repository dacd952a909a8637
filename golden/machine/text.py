"""One sequence, whose tokens a pass takes as many of as it can."""

from golden.units.cache_view import cache_view

MOST_TOKENS = 15  #: of a pass: what the engine's ``tokens`` holds
BY_HEAD = 16  #: in ``rows``: added where the pass's drafts were the draft head's


class Text:
    """The text of ``request`` (Request): what a pass takes of it in up to ``rows`` rows, and what follows the pass.

    ``drafter`` Drafter, for a request with drafts: of the text so far, which position 0 begins.
    """

    def __init__(self, request, rows, drafter=None):
        self._request = request
        self._drafter = drafter if request.drafts else None
        if self._drafter is not None and not request.position:
            self._drafter.clear()
        self._rows, self._most = rows, min(rows, MOST_TOKENS)
        self._left, self._drafts = list(request.prompt), []
        self._slot = request.slot
        self.position = request.position
        self.chosen, self.rows = [], []
        self.reason = None
        self._row, self._asks, self._by_head = 0, False, False

    @property
    def positions(self):
        """The rows' positions in this pass."""
        return [self.position + row for row in range(self._rows)]

    @property
    def asks(self):
        """The draft head is to make one more draft for the next pass."""
        return self._asks and len(self._drafts) < self._most_drafts

    @property
    def latest(self):
        """The text's last token, drafts included, and its position, which all rows have meanwhile."""
        return (self._left + self._drafts)[-1], [self.position + len(self._drafts)] * self._rows

    def draft(self, choose):
        """What the row says that chose last is the next draft."""
        self._drafts.append(choose(self._row))
        self._by_head = True

    @property
    def _most_drafts(self):
        return min(self._request.drafts, self._most - 1)

    @property
    def whole(self):
        """All tokens of the pass count, drafts included."""
        return self._taken == len(self.tokens)

    def take(self, shape):
        """A pass begins, on a cache of ``shape`` (CacheShape): ``tokens`` by row, ``first`` of the rows that choose; it
        ends with ``logits``."""
        waiting = self._left + self._drafts
        count = shape.pass_tokens(self.position, min(len(waiting), self._most))
        self.tokens, self._left = waiting[:count], self._left[count:]
        self.first = 0 if self.chosen else count - 1
        self._shape = shape
        self.logits = not self._left and self._request.count > 0
        if not self.chosen:
            self._note(self.tokens)

    def view(self, number):
        """The CacheView of the only sequence."""
        del number
        return cache_view(self._shape, self.position, self._slot, len(self.tokens))

    def advance(self, choose, stopped):
        """Whether there is another pass. Behind a token that is not what was chosen no row counts."""
        chosen = self._choose(choose) if self.logits else []
        self._taken = self.first + len(chosen) if self.logits else len(self.tokens)
        self.position += self._taken
        self._slot += self._taken
        if self._slot == self._shape.slots:
            self._slot = self._shape.sinks
        if not self.logits and not self._left:
            self.reason = "count"
        if self.reason is None and stopped():
            self.reason = "stop"
        if self.logits:
            self._note(chosen if self.reason is None else chosen[:-1])
            self._left, self._drafts, self._by_head = chosen[-1:], [], False
            if self._drafter is not None:
                tried = self.first < len(self.tokens) - 1
                self._drafter.judge(tried, len(chosen) - 1, self._request.draft_cost)
            if self._drafter is not None and self.reason is None:
                self._drafts = self._drafter.drafts(self._most_drafts, self._request.source)
                self._asks = self._drafter.asks(self._request.source)
        return self.reason is None

    def _choose(self, choose):
        """The tokens that the rows choose, one after the other, as long as the next row has what was chosen."""
        found = []
        for row in range(self.first, len(self.tokens)):
            token = choose(row)
            found.append(token)
            self.chosen.append(token)
            self.rows.append(row - self.first + BY_HEAD * self._by_head)
            self._row = row
            if token in self._request.ends:
                self.reason = "end"
            elif len(self.chosen) == self._request.count:
                self.reason = "count"
            if self.reason is not None or self.tokens[row + 1 : row + 2] != [token]:
                break
        return found

    def _note(self, tokens):
        """These belong to the text."""
        if self._drafter is not None:
            for token in tokens:
                self._drafter.add(token)
