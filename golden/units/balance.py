"""Whether a draft head is worth its time: what its drafts give and take is added up in a leaky bucket (Turner, IEEE
Communications Magazine 24(10), 1986)."""

from dataclasses import dataclass

PASS = 256  #: what a pass without drafts takes, which is what a draft that is right gives
MOST = 384  #: the balance at most, and when a text begins
COST_BITS = 11  #: of what a pass with drafts takes more, by PASS


@dataclass
class Balance:
    """Says for every pass whether the head ``tries`` drafts: while it has not taken more than it gave.

    A pass without them gives back 1/PASS of a pass. So drafts that are never right take no more than MOST / PASS
    passes, one that goes below 0, and 1/PASS of the passes of a text.
    """

    value: int = MOST

    @property
    def tries(self):
        return self.value >= 0

    def clear(self):
        """A text begins."""
        self.value = MOST

    def judge(self, tried, accepted, cost):
        """A pass has chosen. It ``tried`` drafts of the head, which makes it ``cost`` longer, and of them so many were
        ``accepted``; or it had none."""
        if tried:
            self.value = min(MOST, self.value + PASS * accepted - cost)
        elif not self.tries:
            self.value += 1
