"""How programs beside the command line end: scripts/ and benchmarks/."""

import sys

from golden.errors import InputError

BAD_INPUT, INTERRUPTED = 2, 130
"""Exit codes, of the command line, too: the user can mend it; Ctrl-C."""


def run(main):
    """Exit with what ``main()`` returns, or with one line and its exit code: bad input 2, Ctrl-C 130."""
    try:
        sys.exit(main())
    except InputError as error:
        _fail(str(error), BAD_INPUT)
    except MemoryError:
        _fail("not enough memory", BAD_INPUT)
    except KeyboardInterrupt:
        _fail("interrupted", INTERRUPTED)


def _fail(line, code):
    print(f"error: {line}", file=sys.stderr)
    sys.exit(code)
