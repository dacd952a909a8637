"""The pseudo-channels' memory, one per lane, and the lanes' streams of beats."""

from collections import deque

import numpy as np

from golden.machine.fault import MachineFault


class Memory:
    """``data``: uint8 (lanes, beats, beat bytes).

    Writes become visible at ``settle`` only: within a pass no read may depend on one.
    """

    def __init__(self, data):
        self.data = data
        self._pending = []

    @property
    def lanes(self):
        return self.data.shape[0]

    def read(self, address, beats):
        """A copy of ``beats`` beats of every lane from ``address``."""
        self._check(address, beats)
        return self.data[:, address : address + beats].copy()

    def write(self, lanes, addresses, beats):
        """Beats (N, beat bytes) to beat ``addresses`` (N,) of ``lanes`` (N,)."""
        if len(addresses):
            self._check(int(np.min(addresses)), int(np.max(addresses) - np.min(addresses)) + 1)
        self._pending.append((lanes, addresses, beats))

    def settle(self):
        """Let all writes reach memory."""
        for lanes, addresses, beats in self._pending:
            self.data[lanes, addresses] = beats
        self._pending.clear()

    def _check(self, address, beats):
        if address + beats > self.data.shape[1]:
            raise MachineFault(f"beats {address} … {address + beats - 1} lie outside memory")


class BeatStreams:
    """What the lanes' readers have fetched and the engine has not consumed."""

    def __init__(self, memory):
        self._memory = memory
        self._parts = deque()  # (address, beats), consumed from the front

    def __len__(self):
        return sum(part.shape[1] for _, part in self._parts)

    def fetch(self, address, beats):
        """``read.stream``."""
        self._parts.append((address, self._memory.read(address, beats)))

    def take(self, beats):
        """``(address, uint8 (lanes, beats, beat bytes))`` of the next beats; ``address`` is the first one's, or None if
        they are not consecutive.
        """
        if len(self) < beats:
            raise MachineFault(f"the engine wants {beats} beats, {len(self)} were read")
        first, following, taken = None, None, []
        while beats:
            address, part = self._parts.popleft()
            if not taken:
                first = address
            elif address != following:
                first = None
            count = min(beats, part.shape[1])
            taken.append(part[:, :count])
            if count < part.shape[1]:
                self._parts.appendleft((address + count, part[:, count:]))
            beats -= count
            following = address + count
        return first, taken[0] if len(taken) == 1 else np.concatenate(taken, axis=1)
