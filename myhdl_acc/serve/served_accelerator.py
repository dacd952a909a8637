"""An accelerator whose user may leave in the middle of a text."""

from myhdl_acc.driver import Accelerator
from myhdl_acc.rtl.control.register_map import OFFSETS


class Left(Exception):
    """Nobody waits for the text any more."""


class ServedAccelerator(Accelerator):
    """An Accelerator whose passes begin only while somebody waits for them.

    ``left`` (threading.Event) says that nobody does: then the next pass raises Left, and ``reset`` must come before
    another text. ``cycles`` counts what all passes took; it is None where the device does not know.
    """

    def __init__(self, device, config):
        super().__init__(device, config)
        self.left = None
        self.cycles = 0 if device.clocked else None

    def start(self):
        if self.left is not None and self.left.is_set():
            raise Left
        super().start()

    def wait(self):
        super().wait()
        if self.cycles is not None:
            self.cycles += self._device.read_register(OFFSETS["cycles"])
