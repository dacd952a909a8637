"""How programs beside the command line end: scripts/ and benchmarks/."""

import contextlib
import signal
import sys

from golden.errors import InputError

BAD_INPUT, INTERRUPTED, TERMINATED = 2, 130, 143
"""Exit codes, of the command line, too: the user can mend it; Ctrl-C; SIGTERM."""


class Terminated(BaseException):
    """SIGTERM has come."""


@contextlib.contextmanager
def termination():
    """Within this context SIGTERM raises Terminated, so that nothing half-written is left."""

    def terminate(*_):
        raise Terminated

    before = signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def run(main):
    """Exit with what ``main()`` returns, or with one line and its exit code: bad input 2, Ctrl-C 130, SIGTERM 143."""
    try:
        with termination():
            sys.exit(main())
    except InputError as error:
        _fail(str(error), BAD_INPUT)
    except MemoryError:
        _fail("not enough memory", BAD_INPUT)
    except KeyboardInterrupt:
        _fail("interrupted", INTERRUPTED)
    except Terminated:
        _fail("terminated", TERMINATED)


def _fail(line, code):
    print(f"error: {line}", file=sys.stderr)
    sys.exit(code)
