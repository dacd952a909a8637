"""An accelerator whose user may leave in the middle of a text."""

from myhdl_acc.driver import Accelerator


class Left(Exception):
    """Nobody waits for the text any more."""


class ServedAccelerator(Accelerator):
    """An Accelerator that goes on only while somebody waits for its tokens.

    ``left`` (threading.Event) says that nobody does: then the run under way ends after its pass and raises Left, and
    ``reset`` must come before another text.
    """

    def __init__(self, device, config, drafts=0, source="lookup"):
        super().__init__(device, config, drafts=drafts, source=source)
        self.left = None

    def run(self, *arguments):
        if self._is_left:
            raise Left
        yield from super().run(*arguments)
        if self._is_left:
            raise Left

    def _advance(self):
        if self._is_left:
            self.stop()
        return super()._advance()

    @property
    def _is_left(self):
        return self.left is not None and self.left.is_set()
