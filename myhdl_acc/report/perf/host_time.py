"""What the host does for a token: the driver's own time, on a device that answers at once."""

from time import process_time

import numpy as np

from golden.units.result_entry import END, TOKEN, ResultEntry
from myhdl_acc.driver.accelerator import Accelerator
from myhdl_acc.driver.batch import BatchAccelerator
from myhdl_acc.driver.device import START, Device
from myhdl_acc.rtl.control.register_map import OFFSETS

_TOKENS = 1000  # of a run


class InstantDevice(Device):
    """Computes nothing: what a run chooses is token 0, and it is there when the host looks. Memory is not kept."""

    def __init__(self):
        self._registers = {}
        self._entry = self._place = None

    def allocate(self, size):
        pass

    def address(self, lane):
        return 0

    def write_memory(self, lane, offset, data):
        pass

    def read_memory(self, lane, offset, size):
        """The entry of the ring of results that is there, or the next one if another place is read than before."""
        if offset != self._place:
            self._entry, self._place = self._entry + 1, offset
        value = {name: self._registers[OFFSETS[name]] for name in ("choices", "tag", "position")}
        ended = self._entry == value["choices"]
        entry = ResultEntry(self._entry, value["position"] if ended else 0, 0, value["tag"], END if ended else TOKEN)
        return entry.words().view(np.uint8)

    def write_register(self, offset, value):
        self._registers[offset] = value
        if offset == OFFSETS["ctrl"] and value & START:
            self._entry, self._place = -1, None

    def read_register(self, offset):
        return self._registers.get(offset, 0)

    def advance(self):
        return True


def host_time(shape, config, rule, tokens=_TOKENS, drafts=0, batch=0, source="lookup"):
    """``(seconds, Compiler)``: processor time of the driver for each of ``tokens`` tokens of one run of ``shape``
    (Shape), its start included. ``drafts`` and ``source``: as of Accelerator; ``batch``: as of BatchAccelerator.
    """
    if batch:
        accelerator = BatchAccelerator(InstantDevice(), config, batch)
    else:
        accelerator = Accelerator(InstantDevice(), config, drafts=drafts, source=source)
    compiler = accelerator.prepare(shape, rule)
    tokens = min(tokens, config.run_tokens - 1)
    before = process_time()
    if batch:
        count = sum(1 for _ in accelerator.texts([[0]] * batch, tokens // batch))
    else:
        count = sum(1 for _ in accelerator.run([0], tokens))
    return (process_time() - before) / count, compiler
