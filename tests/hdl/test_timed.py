"""Timed values: operands that come too early wait, users share a delay line, wrong latencies are refused."""

import pytest
from myhdl import Signal, always, always_comb, block
from myhdl._block import _Block

from golden.errors import InputError
from myhdl_acc.hdl.circuit import circuit
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record, signed
from myhdl_acc.hdl.stream import Stream
from myhdl_acc.hdl.timed import Timed, apply
from myhdl_acc.simulate import Design, clock, open_simulation, reset

PLACED = []  #: the blocks within the block that called note_blocks() last


def note_blocks():
    PLACED[:] = [part.func.__name__ for part in circuit().parts if isinstance(part, _Block)]


@block(latency=1)
def double(clk, x, twice):
    @always(clk.posedge)
    def shift():
        twice.next = x << 1


@entity(outputs=("total",), latency=2)
def add(clk, a, b, total):
    early = Signal(signed(len(total)))

    @always(clk.posedge)
    def store():
        early.next = a + b
        total.next = early


@block(latency=1)
def split(clk, x, low, rest):
    @always(clk.posedge)
    def store():
        low.next = x & 3
        rest.number.next = x >> 2


@block
def unstated(clk, x):
    @always(clk.posedge)
    def nothing():
        pass


@entity(outputs=("total",))
def polynomial(clk, rst, sink, a, b, total, stated):
    """``total`` = 2·(2a + b) + a + b, 6 cycles later unless ``stated`` is wrong."""

    @always_comb
    def accept():
        sink.ready.next = sink.valid and not rst

    early_a, early_b = Timed(a), Timed(b)
    twice = apply(double, x=early_a, twice=Signal(signed(9)))
    first = apply(add, a=twice, b=early_b, total=Signal(signed(10)))
    again = apply(double, x=first, twice=Signal(signed(11)))
    plain = apply(add, a=early_a, b=early_b, total=Signal(signed(9)))
    apply(add, a=again, b=plain, total=total).expect(stated)
    note_blocks()


def ports(stated):
    operands = {"a": Signal(signed(8)), "b": Signal(signed(8))}
    return {"clk": clock(), "rst": reset(), "sink": Stream(), **operands, "total": Signal(signed(12)), "stated": stated}


@pytest.mark.parametrize("backend", ["myhdl", "verilator"])
def test_early_operands_wait_for_the_latest(backend):
    with open_simulation(Design(polynomial, **ports(stated=6)), backend=backend) as simulation:
        run = simulation.run({"sink": 12, "a": -5, "b": 100}, record=True)
    seen = [(event.cycle_start, event.state) for event in run.events if event.unit == "total"]
    assert seen[-1] == (6, f"value:{2 * (2 * -5 + 100) + -5 + 100}") and {state for _, state in seen[:-1]} <= {
        "value:0"
    }


def test_only_what_is_early_is_delayed():
    polynomial(**ports(stated=6))
    assert PLACED == ["double", "delay", "add", "double", "add", "delay", "add"]


@pytest.mark.parametrize("stated", [5, 7])
def test_a_wrong_latency_is_refused(stated):
    wanted = f"^polynomial: states a latency of {stated}, but its result comes in cycle 6$"
    with pytest.raises(InputError, match=wanted):
        polynomial(**ports(stated))


@block
def shared(clk, x, results):
    signal = Timed(x, 2)
    for cycle in (2, 4, 5, 4):
        results.append(signal.at(cycle))
    note_blocks()


def test_users_of_a_cycle_share_a_delay_line():
    x, results = Signal(signed(8)), []
    shared(clk=clock(), x=x, results=results)
    assert results[0] is x and results[1] is results[3] and results[1] is not results[2]
    assert PLACED == ["delay", "delay"]


@block
def several(clk, x, results):
    low, rest = apply(split, x=Timed(x, 3), low=Signal(signed(8)), rest=Record(number=signed(8)))
    results += [low.cycle, rest.cycle, rest.value, rest.at(4), rest.at(6)]


def test_several_results_and_records():
    results = []
    several(clk=clock(), x=Signal(signed(8)), results=results)
    assert results[:2] == [4, 4] and results[2] is results[3]
    assert len(results[4].number) == 8 and results[4].number is not results[3].number


@block
def impatient(clk, x):
    Timed(x, 3).at(2)


@block
def careless(clk, x):
    apply(unstated, x=Timed(x))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (impatient, "^impatient: wants in cycle 2 what comes in cycle 3$"),
        (careless, "^careless: unstated states no latency$"),
    ],
)
def test_errors_name_the_block(wrong, message):
    with pytest.raises(InputError, match=message):
        wrong(clk=clock(), x=Signal(signed(8)))
