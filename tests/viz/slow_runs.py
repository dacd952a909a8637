"""Runs for the tests of RunProcess, in a module that its process can import."""

import os
import subprocess
import time

from golden.errors import InputError
from myhdl_acc.simulate.cache import run_tool


class Kept:
    """Counts what it has run; ``(what, argument)`` says what to do."""

    def __init__(self):
        self.count = 0

    def __call__(self, settings, say):
        self.count += 1
        what, argument = settings
        return getattr(self, what)(argument, say)

    def counted(self, _, say):
        say("counting")
        return self.count

    def slow(self, seconds, say):
        say("slow")
        time.sleep(seconds)

    def compiled(self, marker, say):
        """A build step, which starts a process that starts another."""
        say("compiling")
        run_tool(["bash", "-c", f"sleep 300 & echo $! > {marker}; wait"], os.path.dirname(marker))

    def refused(self, text, say):
        raise InputError(text)

    def broken(self, text, say):
        raise ZeroDivisionError(text)

    def dead(self, _, say):
        os._exit(3)


def alive(pid):
    """Whether a process is there, a zombie not counted."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and "Z" not in state
