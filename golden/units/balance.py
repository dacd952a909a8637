"""Whether a draft head is worth its time: what its drafts give and take is added up in a leaky bucket (Turner, IEEE
Communications Magazine 24(10), 1986)."""

from dataclasses import dataclass

PASS = 256  #: what a pass without drafts takes, which is what a draft that is right gives
MOST = 640  #: the balance at most, and when a text begins
FIRST_INCOME = 2  #: what a pass without drafts gives below 0, at first; each time 0 is reached half as much, down to 1
COST_BITS = 11  #: of what a pass with drafts takes more, by PASS


@dataclass
class Balance:
    """Says for every pass whether the head ``tries`` drafts: while it has not taken more than it gave.

    Passes without them give back the rest, at first faster, as a good head may have bad luck. So drafts that are never
    right take no more than MOST / PASS passes, two that go below 0, and 1/PASS of the passes of a text.
    """

    value: int = MOST
    _income: int = FIRST_INCOME

    @property
    def tries(self):
        return self.value >= 0

    def clear(self):
        """A text begins."""
        self.value, self._income = MOST, FIRST_INCOME

    def judge(self, tried, accepted, cost):
        """A pass has chosen. It ``tried`` drafts of the head, which makes it ``cost`` longer, and of them so many were
        ``accepted``; or it had none."""
        if tried:
            self.value += PASS * accepted - cost
            if self.value > MOST:
                self.clear()
        elif not self.tries:
            self.value += self._income
            if self.tries:
                self.value, self._income = 0, max(1, self._income // 2)
