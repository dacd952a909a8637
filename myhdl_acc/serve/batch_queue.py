"""Several texts at a time on an accelerator, each in a row of its own, and those who wait for one."""

import logging
import threading
from collections import deque
from concurrent.futures import Future

from myhdl_acc.serve.queue import Queue
from myhdl_acc.serve.refused import failed

_log = logging.getLogger(__name__)


class BatchQueue(Queue):
    """As Queue, on a BatchAccelerator: as many texts are written at a time as it has rows. ``ends``: tokens that end a
    text. When one has ended, or nobody waits for it any more, the next one takes its row.
    """

    def __init__(self, accelerator, waiting, ends):
        super().__init__(accelerator, waiting + accelerator.batch - 1)
        self._ends = ends
        self._waiting = deque()  # (Future, Place, Text)
        self._written = {}  # by BatchText
        self._changed, self._joined = threading.Condition(), False
        self._thread = threading.Thread(target=self._run, name="accelerator", daemon=True)
        self._thread.start()

    def submit(self, place, text):
        future = Future()
        with self._changed:
            self._waiting.append((future, place, text))
            self._changed.notify()
        return future

    def join(self):
        with self._changed:
            self._joined = True
            self._changed.notify()
        self._thread.join()
        super().join()

    def _run(self):
        while self._admit():
            try:
                for own, token in self.accelerator.step(self._ends):
                    self._give(own, token)
                    if self._wanted():
                        self.accelerator.stop()
            except Exception as error:
                # What a device says is one line; anything else is a fault of this program.
                _log.error("the accelerator failed: %s", error, exc_info=not isinstance(error, RuntimeError))
                self.accelerator.abandon()
                for own in list(self._written):
                    self._end(own, failed(error))
            for own, (_, place, text) in list(self._written.items()):
                if place.has_left or text.stopped:
                    self.accelerator.leave(own)
                    self._end(own)

    def _admit(self):
        """Give free rows to those who wait; returns whether there is a text to write, or False at the end."""
        with self._changed:
            while True:
                while self._waiting and self.accelerator.free:
                    future, place, text = self._waiting.popleft()
                    if future.set_running_or_notify_cancel():
                        self._begin(future, place, text)
                if self._written:
                    return True
                if self._joined:
                    return False
                self._changed.wait()

    def _begin(self, future, place, text):
        if place.has_left:
            future.set_result(None)
            return
        own = text.begin()
        try:
            self.accelerator.begin(own)
        except Exception as error:
            place.send(failed(error))
            future.set_result(None)
            return
        self._written[own] = future, place, text

    def _give(self, own, token):
        _, place, text = self._written[own]
        if place.has_left:
            own.ended = True
            return
        place.send(text.take(token))
        own.ended |= text.stopped

    def _wanted(self):
        """Whether the run should end, as somebody has left, or waits for a row that a text no longer needs."""
        left = any(place.has_left or text.stopped for _, place, text in self._written.values())
        return left or (self._waiting and self.accelerator.free > 0)

    def _end(self, own, error=None):
        future, place, _ = self._written.pop(own)
        if error is not None:
            place.send(error)
        future.set_result(None)
