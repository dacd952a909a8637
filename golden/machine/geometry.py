"""Where a slot of the cache lies: which of a head's lanes has it, at which position."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class HeadLanes:
    """``lanes`` lanes serve 2^``heads_log2`` heads; a token block is ``block`` slots (docs/accelerator.md, Columns)."""

    lanes: int
    heads_log2: int
    block: int

    @property
    def share(self):
        """Lanes of a head."""
        return self.lanes >> self.heads_log2

    def place(self, slot):
        """``(j, t)``: which of the head's lanes has ``slot``, and its position there."""
        block = slot // self.block
        return block % self.share, block // self.share * self.block + slot % self.block

    def first_slot(self, position):
        """Slot at ``position`` of a head's first lane."""
        return position // self.block * self.share * self.block + position % self.block

    def slots(self, count):
        """Slots (lanes, count) of the positions 0 … count−1 of every lane."""
        position = np.arange(count)
        rank = np.arange(self.lanes)[:, None] >> self.heads_log2
        return (position // self.block * self.share + rank) * self.block + position % self.block

    def positions(self, filled):
        """Positions in use on a head's first lane, which has the most, when slots 0 … filled−1 are."""
        rounds, rest = divmod(filled, self.share * self.block)
        return rounds * self.block + min(rest, self.block)
