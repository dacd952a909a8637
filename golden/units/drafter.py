"""The tokens that the next pass tries: those that lookup finds, if there is confidence in as long a match."""

from golden.units.confidence import Confidence
from golden.units.lookup import LONGEST, Lookup


class Drafter:
    """Drafts from the last ``depth`` tokens of a text (golden Lookup)."""

    def __init__(self, depth):
        self._lookup = Lookup(depth)
        self._confidences = [Confidence() for _ in range(LONGEST)]

    def clear(self):
        """Forget the text."""
        self._lookup.clear()
        for one in self._confidences:
            one.clear()

    def add(self, token):
        """The text goes on with ``token``."""
        self._lookup.add(token)

    def judge(self, tried, right):
        """A pass has chosen. It ``tried`` drafts or had none; the first of them was ``right``."""
        for number, one in enumerate(self._confidences, 1):
            one.judge(tried and number == self._lookup.length, right)

    def drafts(self, most):
        """Up to ``most`` tokens for the next pass to try."""
        found = self._lookup.drafts(most)
        return found if found and self._confidences[self._lookup.length - 1].tries else []
