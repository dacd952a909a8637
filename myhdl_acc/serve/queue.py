"""One text at a time on an accelerator, and a bounded queue of those who wait for theirs."""

import asyncio
import logging
import threading
from concurrent.futures import ThreadPoolExecutor

from myhdl_acc.serve.refused import closing, failed, queue_full
from myhdl_acc.serve.served_accelerator import Left

_log = logging.getLogger(__name__)
_PREPARING = 2  # prompts at a time: each may take a process of its own


class Queue:
    """Texts from ``accelerator`` (ServedAccelerator), in the order in which they were started, and places for as many
    requests as ``waiting`` beside the one that is answered.

    All methods are for the thread of the event loop. The accelerator is only used in a thread of this object.
    """

    def __init__(self, accelerator, waiting):
        self.accelerator = accelerator
        self._count = waiting + 1
        self._free = threading.Semaphore(self._count)
        self._places = set()
        self._closed = False
        self._writing = ThreadPoolExecutor(1, "accelerator")
        self._preparing = ThreadPoolExecutor(_PREPARING, "prompt")

    def place(self):
        """A Place, which must be left. Raises Refused if there is none."""
        if self._closed:
            raise closing()
        if not self._free.acquire(blocking=False):
            raise queue_full(self._count)
        place = Place(self)
        self._places.add(place)
        return place

    def submit(self, place, text):
        """A Future of writing ``text`` (Text) for ``place``."""
        return self._writing.submit(place.write, text)

    def close(self):
        """Send everybody away who has no whole text yet."""
        self._closed = True
        for place in self._places:
            place.dismiss()

    def join(self):
        """Wait until the accelerator is at rest: for the rest of a pass at most, after ``close``."""
        self._writing.shutdown()
        self._preparing.shutdown()


class Place:
    """A place in a Queue, as a context: leaving it stops its text."""

    def __init__(self, queue):
        self._queue = queue
        self._loop = asyncio.get_running_loop()
        self._parts = asyncio.Queue()  # bounded by the tokens of a text
        self._left = threading.Event()
        self._text = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._left.set()
        self._queue._places.discard(self)
        if self._text is None:
            self._queue._free.release()
        else:
            self._text.cancel()  # if it has not begun

    def dismiss(self):
        """End the text here."""
        self._left.set()
        self._parts.put_nowait(closing())

    async def prepare(self, function, *arguments):
        """The result of a function that takes its time."""
        return await self._loop.run_in_executor(self._queue._preparing, function, *arguments)

    async def parts(self, text):
        """The parts of ``text`` (Text) as they come. Raises Refused."""
        if self._left.is_set():
            raise closing()
        self._text = self._queue.submit(self, text)
        self._text.add_done_callback(self._end)
        while (part := await self._parts.get()) is not None:
            if isinstance(part, Exception):
                raise part
            yield part

    @property
    def has_left(self):
        """Nobody waits for the text any more."""
        return self._left.is_set()

    def write(self, text):
        """Of the accelerator's thread."""
        self._queue.accelerator.left = self._left
        try:
            for part in text:
                self.send(part)
        except Left:
            pass
        except Exception as error:
            # What a device says is one line; anything else is a fault of this program.
            _log.error("the accelerator failed: %s", error, exc_info=not isinstance(error, RuntimeError))
            self.send(failed(error))

    def _end(self, _):
        # The place is free before the client knows: it may come back at once.
        self._queue._free.release()
        self.send(None)

    def send(self, part):
        """To whoever reads parts(), from any thread."""
        if not self._left.is_set():
            self._loop.call_soon_threadsafe(self._parts.put_nowait, part)
