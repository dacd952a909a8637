"""Runs in a process of their own: whatever they do, they can be ended at once, and whoever started them goes on."""

import contextlib
import multiprocessing
import signal
import threading

from golden.errors import InputError
from myhdl_acc.simulate.stimulus import SimulationError

_SECONDS = 0.8  # that a run has to end by itself once it is told to


class Cancelled(Exception):
    """The run was ended by cancel() or an interrupt."""


class RunFailed(Exception):
    """The run ended without a result; the message says why, in one line."""


class RunProcess:
    """A process that makes ``runner()`` (a class or function that can be imported) and calls what that returns, one
    settings object after the other.

    The process begins with the first run and stays, so what a runner keeps is there for the next run. What goes in and
    out must be picklable. Use it as a context manager or close it.
    """

    def __init__(self, runner):
        self._runner = runner
        self._process = self._pipe = None
        self._cancelled = threading.Event()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def run(self, settings, say=lambda text: None, wait=0.25):
        """The result of the runner for these settings. ``say(text)`` is called with what it is at, and with None each
        ``wait`` seconds in which it had nothing to say.

        Raises Cancelled after cancel(), InputError for settings that cannot be run, and RunFailed for all else.
        """
        self._cancelled.clear()
        self._start()
        try:
            self._pipe.send(settings)
            while True:
                if self._cancelled.is_set():
                    raise Cancelled
                if not self._pipe.poll(wait):
                    say(None)
                    continue
                kind, value = self._pipe.recv()
                if kind == "done":
                    return value
                if kind != "say":
                    raise {"input": InputError, "cancelled": Cancelled, "failed": RunFailed}[kind](value)
                say(value)
        except (EOFError, OSError):
            self.close()  # its pipe has closed, though it may still seem to be alive
            if self._cancelled.is_set():
                raise Cancelled from None
            raise RunFailed("the process that ran it ended unexpectedly") from None
        except Cancelled:
            self.close()
            raise

    def cancel(self):
        """End the run that is under way, if there is one; run() raises Cancelled within a second. Thread-safe."""
        self._cancelled.set()
        self._end()

    def close(self):
        """End the process."""
        self._end()
        if self._pipe is not None:
            self._pipe.close()
        self._process = self._pipe = None

    def _start(self):
        if self._process is None or not self._process.is_alive():
            # Not a copy of this process: it may have threads, of a notebook's kernel for one.
            context = multiprocessing.get_context("spawn")
            self._pipe, theirs = context.Pipe()
            self._process = context.Process(target=_serve, args=(theirs, self._runner), daemon=True)
            self._process.start()
            theirs.close()

    def _end(self):
        process = self._process
        if process is not None and process.is_alive():
            process.terminate()
            process.join(_SECONDS)
            if process.is_alive():
                process.kill()
                process.join()


class _Stop(BaseException):
    """Raised by a signal wherever the process is; compilers that it waits for are ended on the way."""


def _stop(*_):
    raise _Stop


def _serve(pipe, runner):
    """What the process does until the pipe closes or a signal comes."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    try:
        run = runner()
        while True:
            settings = pipe.recv()
            pipe.send(_outcome(run, settings, lambda text: pipe.send(("say", text))))
    except (EOFError, OSError):
        pass  # nobody is there any more
    except _Stop:
        with contextlib.suppress(OSError):
            pipe.send(("cancelled", "interrupted"))


def _outcome(run, settings, say):
    try:
        return "done", run(settings, say)
    except InputError as error:
        return "input", str(error)
    except SimulationError as error:
        return "failed", str(error)
    except Exception as error:
        return "failed", f"{type(error).__name__}: {error}"
