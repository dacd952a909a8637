"""Whether drafts are worth their rows: branch predictors' confidence (Jacobsen, Rotenberg, Smith, MICRO 1996), with
pauses that double as retries of a network do."""

from dataclasses import dataclass

PATIENCE = 8  #: passes in a row whose first draft was wrong, before drafts pause
FIRST_PAUSE = 8  #: passes without them, the first time
LAST_PAUSE = 64  #: and at most; each pause is twice as long as the one before, until a draft is right


@dataclass
class Confidence:
    """Says for every pass whether it ``tries`` drafts of a kind, from what became of those before.

    Drafts that are never right are in at most 11 of 60 passes, and in 14 of 250.
    """

    tries: bool = True
    _wrong: int = 0
    _pause: int = FIRST_PAUSE
    _left: int = 0

    def clear(self):
        """A text begins."""
        self.tries, self._wrong, self._pause, self._left = True, 0, FIRST_PAUSE, 0

    def judge(self, tried, right):
        """A pass has chosen. It ``tried`` drafts or had none; the first of them was ``right``."""
        if tried and right:
            self.clear()
        elif tried and self._wrong + 1 < PATIENCE:
            self._wrong += 1
        elif tried:
            self._wrong, self._left = PATIENCE - 1, self._pause
            self._pause = min(2 * self._pause, LAST_PAUSE)
        elif self._left:
            self._left -= 1
        self.tries = self._left == 0
