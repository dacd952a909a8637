"""What a block creates belongs to it, and MyHDL is the version whose inside the collection relies on."""

import importlib.metadata
import inspect

import pytest
from myhdl import Signal, _block, _instance, _util, always_comb, block
from myhdl._block import _Block

from golden.errors import InputError
from myhdl_acc.hdl import circuit as circuit_unit
from myhdl_acc.hdl.circuit import domain
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.stream import Stream, m2s_pipe
from myhdl_acc.simulate import clock, reset


def test_myhdl_is_the_version_whose_inside_is_known():
    """Another version of MyHDL: compare these functions with the ones that circuit.py replaces or counts on."""
    assert importlib.metadata.version("myhdl") == "0.11.52"
    assert list(inspect.signature(circuit_unit._build_block).parameters) == [
        "self", "func", "deco", "name", "srcfile", "srcline", "skipname", "args", "kwargs",
    ]  # fmt: skip
    assert list(inspect.signature(circuit_unit._build_process).parameters) == ["self", "genfunc", "callinfo"]
    assert "_flatten(func(*args, **kwargs))" in inspect.getsource(circuit_unit._build_block)
    assert "stack[3]" in inspect.getsource(_block._getCallInfo) and "stack[4]" in inspect.getsource(_block._getCallInfo)
    callers = inspect.getsource(_instance._getCallInfo)
    assert "inspect.stack()[2]" in callers and "inspect.stack()[3]" in callers
    assert _block.inspect is _instance.inspect is _util.inspect


@block
def inverter(a, q):
    @always_comb
    def invert():
        q.next = not a


@block
def pair(a, b, q):
    """One part is returned, one is not, and a process is created between them."""
    first = inverter(a, b)

    @always_comb
    def between():
        q.next = b

    inverter(b, q)
    return first


def test_parts_are_collected_once_whether_returned_or_not():
    a, b, q = (Signal(bool(0)) for _ in range(3))
    built = pair(a, b, q)
    assert [(getattr(part, "func", None) and part.func.__name__) or part.name for part in built.subs] == [
        "inverter", "between", "inverter",
    ]  # fmt: skip
    assert all(part.modctxt for part in built.subs)
    assert [part.name for part in built.subs[0].subs] == ["invert"]


@entity
def chain(clk, rst, sink, source):
    sink.m2s_pipe() >> source


@entity
def two_resets(clk, rst, sink, source, other):
    with domain(rst=other):
        before = sink.m2s_pipe()
    m2s_pipe(sink=before, source=source)


def entities_of(built):
    return [part for part in built.subs if isinstance(part, _Block) and part.func.__name__ == "m2s_pipe"]


def test_an_entity_has_the_clock_and_reset_of_its_user():
    clk, rst, other = clock(), reset(), reset()
    built = two_resets(clk, rst, Stream(data=4), Stream(data=4), other)
    assert [part.kwargs["rst"] for part in entities_of(built)] == [other, rst]
    assert all(part.kwargs["clk"] is clk for part in entities_of(built))


def test_a_method_creates_parts_for_the_block_that_calls_it():
    built = chain(clk=clock(), rst=reset(), sink=Stream(data=4), source=Stream(data=4))
    (pipe,) = entities_of(built)
    assert pipe.modctxt and pipe.callername == "chain"


@entity
def without_reset(clk, sink, source):
    sink.m2s_pipe() >> source


def test_a_missing_reset_is_an_error():
    with pytest.raises(InputError, match="without_reset has no rst"):
        without_reset(clock(), Stream(data=4), Stream(data=4))


@block
def named(name, func, q):
    """A block whose arguments are called as those of MyHDL's _Block are."""

    @always_comb
    def copy():
        q.next = name and func


def test_a_block_calls_its_arguments_as_it_likes():
    name, func, q = (Signal(bool(0)) for _ in range(3))
    assert [part.name for part in named(name=name, func=func, q=q).subs] == ["copy"]
