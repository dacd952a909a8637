"""What the accelerator says of a run, in memory, where the host can read it while the run goes on."""

from dataclasses import dataclass

import numpy as np

TOKEN, END = 1, 2  #: kinds


@dataclass(frozen=True)
class ResultEntry:
    """Entry ``index`` of the run with the number ``tag`` (16 bits): a ``token`` that was chosen, or (``kind`` END) the
    position of the next token after a run that ended with ``code`` (register_map.STATUS). ``cycles`` since the start.
    Of a token ``code`` says how many its pass had chosen before it, and in bit 4 whether the pass's drafts were the
    draft head's.
    """

    index: int
    token: int
    cycles: int
    tag: int
    kind: int = TOKEN
    code: int = 0

    def words(self):
        """uint32 (4,): the first 16 bytes of a beat; the others are 0."""
        return np.array([self.index, self.token, self.cycles, self.tag | self.kind << 16 | self.code << 24], "<u4")

    @classmethod
    def read(cls, words):
        """The entry in ``words`` (uint32); without meaning unless ``tag`` and ``index`` are those expected."""
        index, token, cycles, rest = (int(word) for word in words[:4])
        return cls(index, token, cycles, rest & 0xFFFF, rest >> 16 & 0xFF, rest >> 24)
