"""The pseudo-channels' memory, one per lane."""

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
