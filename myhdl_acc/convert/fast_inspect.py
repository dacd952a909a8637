"""Makes MyHDL elaborate several times faster by giving it a leaner ``inspect``.

MyHDL asks ``inspect.stack()`` for the caller of every block and process, for which Python reads and tokenises the
source of every frame, and the source of every process once per instance. It only uses the frames with the functions'
names, and the source is the same for all instances. Measured on the ``tiny`` engine: 5.1 s become 1.0 s.
"""

import functools
import inspect
import sys
import types

from myhdl import _block, _instance, _util

_FRAMES = 6  #: more than MyHDL looks at


def _stack():
    """Like inspect.stack(), innermost frame first, with (frame, None, None, function name) per frame."""
    found = []
    frame = sys._getframe(1)
    while frame is not None and len(found) < _FRAMES:
        found.append((frame, None, None, frame.f_code.co_name))
        frame = frame.f_back
    return found


def _once_per_code(function):
    """``function`` of a Python function, remembered by the code object that all its closures share."""
    cached = functools.cache(function)
    return lambda func: cached(func.__code__)


def install():
    """Give MyHDL's modules the fast functions."""
    light = types.ModuleType("inspect")
    light.__dict__.update(inspect.__dict__)
    light.stack = _stack
    light.getsource = _once_per_code(inspect.getsource)
    light.getsourcelines = _once_per_code(inspect.getsourcelines)
    _block.inspect = _instance.inspect = _util.inspect = light
    _util._dedent = functools.cache(_util._dedent)
