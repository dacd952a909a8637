"""The tokens that the next pass tries: those that lookup finds, if there is confidence in as long a match, or else what
the model's draft head makes, while it is worth its time."""

from golden.units.balance import Balance
from golden.units.confidence import Confidence
from golden.units.lookup import LONGEST, Lookup

#: Where drafts come from: lookup; lookup where the last LONGEST tokens came before, and else the draft head; the head.
SOURCES = ("lookup", "auto", "heads")
LOOKUP, AUTO, HEADS = range(3)


class Drafter:
    """Drafts from the last ``depth`` tokens of a text (golden Lookup), and whether the draft head is to make some."""

    def __init__(self, depth):
        self._lookup = Lookup(depth)
        self._confidences = [Confidence() for _ in range(LONGEST)]  # in matches of 1, 2, … tokens
        self._balance = Balance()  # of the head
        self._kind = 0  # of the latest drafts: the tokens that matched, or 0

    def clear(self):
        """Forget the text."""
        self._lookup.clear()
        for one in (*self._confidences, self._balance):
            one.clear()

    def add(self, token):
        """The text goes on with ``token``."""
        self._lookup.add(token)

    def judge(self, tried, accepted, cost=0):
        """A pass has chosen. It ``tried`` drafts, of which so many were ``accepted``, or had none. ``cost``: as of
        Balance, where they were the head's."""
        for kind, one in enumerate(self._confidences, 1):
            one.judge(tried and kind == self._kind, accepted > 0)
        self._balance.judge(tried and self._kind == 0, accepted, cost)

    def drafts(self, most, source=LOOKUP):
        """Up to ``most`` tokens for the next pass to try, as the text has them; ``source``: of SOURCES."""
        found, length = self._lookup.drafts(most), self._lookup.length
        allowed = source == LOOKUP or (source == AUTO and length == LONGEST)
        self._kind = length if found and allowed and self._confidences[length - 1].tries else 0
        return found if self._kind else []

    def asks(self, source):
        """Whether the draft head is to make the next pass's drafts, after drafts()."""
        return source != LOOKUP and self._kind == 0 and self._balance.tries
