"""Where cached tokens lie in the lanes, and activations in the words of a slice.

docs/accelerator.md and docs/formats.md have the reasons.
"""

from dataclasses import dataclass

import numpy as np

WORD = 32  #: int8 values of a row in a word for the engine, and in one of the activation buffer


@dataclass(frozen=True)
class HeadLanes:
    """``lanes`` lanes serve 2^``heads_log2`` heads; a token block is ``block`` slots.

    Slots and positions may be numbers or arrays.
    """

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

    def position(self, slot, lane):
        """The position of ``slot`` in ``lane``, or None if another of the head's lanes has it."""
        rank, position = self.place(slot)
        return position if rank == lane >> self.heads_log2 else None

    def first_slot(self, position):
        """Slot at ``position`` of a head's first lane."""
        return position // self.block * self.share * self.block + position % self.block

    def slots(self, count):
        """Slots (lanes, count) of the positions 0 … count−1 of every lane."""
        rank = np.arange(self.lanes)[:, None] >> self.heads_log2
        return self.first_slot(np.arange(count)) + rank * self.block

    def positions(self, filled):
        """Positions in use on a head's first lane, which has the most, when slots 0 … filled−1 are."""
        rounds, rest = divmod(filled, self.share * self.block)
        return rounds * self.block + min(rest, self.block)


def spread(values, phases):
    """Words (…, atoms, 32) of ``values`` (…, phases · atoms · 16), which beats meet in 1 or 2 ``phases``.

    Value 16·(atoms·p + a) + 2g + i is byte 4g + 2p + i of word a.
    """
    parts = values.reshape(*values.shape[:-1], phases, -1, 8, 2)
    words = np.zeros((*values.shape[:-1], parts.shape[-3], 8, 2, 2), values.dtype)
    words[..., :phases, :] = np.moveaxis(parts, -4, -2)
    return words.reshape(*words.shape[:-3], WORD)


def met(words, phase):
    """The values (…, atoms · 16) of ``words`` (…, atoms, 32) that beats meet in ``phase``: the inverse of spread()."""
    values = words.reshape(*words.shape[:-1], 8, 2, 2)[..., phase, :]
    return values.reshape(*words.shape[:-2], -1)
