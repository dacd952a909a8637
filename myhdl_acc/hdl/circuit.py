"""What a block is made of, collected while its function runs; all that the project needs of MyHDL's inside is here.

MyHDL wants a block function to return its processes and sub-blocks, and finds out who creates one by the place of stack
frames. Here whatever is created while a block function runs belongs to that block, in order of creation: the function
need not return anything, and the functions and methods that it calls may create sub-blocks for it.

MyHDL asks ``inspect.stack()`` for the caller of every block and process, for which Python reads and tokenises the
source of every frame, and the source of every process once per instance. It only uses the frames with the functions'
names, and the source is the same for all instances. Measured on the ``tiny`` engine: 5.1 s become 1.0 s.

MyHDL's version is pinned for this file's sake; ``tests/hdl/test_circuit.py`` fails where another one differs.
"""

import contextlib
import functools
import inspect
import sys
import types
from contextvars import ContextVar

from myhdl import _block, _instance, _util

from golden.errors import InputError

_FRAMES = 6  #: more than MyHDL looks at

_signature = functools.cache(inspect.signature)
_flatten = _util._flatten
_build_block, _build_process = _block._Block.__init__, _instance._Instantiator.__init__


class Circuit:
    """The parts of one block, and its clock and reset: the arguments of these names, or what ``domain()`` says."""

    def __init__(self, func, args, kwargs):
        self._call = func, args, kwargs
        self.outer = circuit()
        self.code = func.__code__
        self._domain = {}
        self.parts = []

    def signal(self, name):
        """The block's ``clk`` or ``rst``; raises InputError if it has none."""
        if name not in self._domain:
            func, args, kwargs = self._call
            arguments = _signature(func).bind(*args, **kwargs).arguments
            if name not in arguments:
                raise InputError(f"block {func.__name__} has no {name} for what it is made of")
            self._domain[name] = arguments[name]
        return self._domain[name]


_current = ContextVar("circuit", default=None)


def circuit():
    """The Circuit of the block whose function runs; None outside of all blocks."""
    return _current.get()


@contextlib.contextmanager
def building(new):
    """Within this context what is created belongs to the Circuit ``new``, or to nobody if it is None."""
    token = _current.set(new)
    try:
        yield
    finally:
        _current.reset(token)


@contextlib.contextmanager
def domain(**signals):
    """Within this context the blocks that a block creates have the ``rst`` (or ``clk``) given here."""
    here = circuit()
    before, here._domain = here._domain, {**here._domain, **signals}
    try:
        yield
    finally:
        here._domain = before


def _belongs_here(part):
    if circuit() is not None:
        circuit().parts.append(part)


def with_domain(func, args, kwargs):
    """The keyword arguments of a call of a block function, with the clock and the reset of the block that makes it."""
    here = circuit()
    if here is None:
        return kwargs
    given = {
        name: here.signal(name)
        for place, name in enumerate(_signature(func).parameters)
        if name in ("clk", "rst") and place >= len(args) and name not in kwargs
    }
    return {**given, **kwargs}


def _new_block(self, func, deco, name, srcfile, srcline, skipname, /, *args, **kwargs):
    kwargs = with_domain(func, args, kwargs)
    # Built with arguments by place: they may be called as those of MyHDL's _Block are.
    bound = _signature(func).bind(*args, **kwargs)
    with building(Circuit(func, args, kwargs)):
        _build_block(self, func, deco, name, srcfile, srcline, skipname, *bound.args, **bound.kwargs)
    self.args, self.kwargs = args, kwargs
    _belongs_here(self)


def _new_process(self, genfunc, callinfo):
    _build_process(self, genfunc, callinfo)
    _belongs_here(self)


def _parts(returned):
    """What a block function returned, and whatever else it has created."""
    parts = [] if returned is None else _flatten(returned)
    known = set(map(id, parts))
    return parts + [part for part in circuit().parts if id(part) not in known]


def _stack():
    """Like inspect.stack(), innermost frame first, with (frame, None, None, function name) per frame.

    MyHDL takes the frame at a fixed place for the block function that creates something: it finds it there, whatever
    functions and comprehensions are between.
    """
    frame = sys._getframe(1)
    creates_block = frame.f_globals is vars(_block)
    here = circuit() and circuit().outer if creates_block else circuit()
    found = []
    while frame is not None and len(found) < _FRAMES:
        if frame.f_globals is not globals():
            found.append((frame, None, None, frame.f_code.co_name))
        frame = frame.f_back
        if here is not None and len(found) == (3 if creates_block else 2):
            while frame.f_code is not here.code:
                frame = frame.f_back
            here = None
    return found


def _once_per_code(function):
    """``function`` of a Python function, remembered by the code object that all its closures share."""
    cached = functools.cache(function)
    return lambda func: cached(func.__code__)


def install():
    """Give MyHDL's modules these functions."""
    light = types.ModuleType("inspect")
    light.__dict__.update(inspect.__dict__)
    light.stack = _stack
    light.getsource = _once_per_code(inspect.getsource)
    light.getsourcelines = _once_per_code(inspect.getsourcelines)
    _block.inspect = _instance.inspect = _util.inspect = light
    _util._dedent = functools.cache(_util._dedent)
    _block._flatten = _parts
    _block._Block.__init__, _instance._Instantiator.__init__ = _new_block, _new_process
