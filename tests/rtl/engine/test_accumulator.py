"""The accumulator against its golden twin: back-to-back groups on the same word, both banks, reads beside and early."""

import numpy as np
import pytest
from engine_benches import accumulator_bench
from hypothesis import given, settings
from hypothesis import strategies as st

from golden.units.accumulator import accumulator as golden_accumulator
from myhdl_acc.hdl.stream import Stream, signed
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.engine import accumulator as unit
from myhdl_acc.simulate import BACKENDS, Design, clock, open_simulation, reset

CONFIG = AcceleratorConfig.preset("tiny")
TAP_BITS = 28
FIELDS = (
    "beat",
    "first",
    "last",
    "fresh",
    "complete",
    "bank",
    "address",
    "tap0",
    "tap1",
    "read",
    "read_bank",
    "read_address",
)


def design():
    address = (CONFIG.acc_depth - 1).bit_length()
    sink = Stream(
        beat=1, first=1, last=1, fresh=1, complete=1, bank=1, address=address,
        tap0=signed(TAP_BITS), tap1=signed(TAP_BITS), read=1, read_bank=1, read_address=address,
    )  # fmt: skip
    source = Stream(value0=CONFIG.acc_bits, value1=CONFIG.acc_bits)
    return Design(accumulator_bench, clk=clock(), rst=reset(), sink=sink, source=source, config=CONFIG)


def operation_beats(rng, bank, outer, middle, inner, idle):
    """Cycles of an operation; between beats, with probability ``idle``, cycles without one."""
    cycles = []
    for o in range(outer):
        for address in range(middle):
            for i in range(inner):
                while rng.random() < idle:
                    cycles.append((0, 1, 1, 0, 1, bank, 3, 77, 77, 0, 0, 0))
                top = 1 << (TAP_BITS - 4)
                taps = rng.integers(-top, top, 2).tolist()
                flags = 1, i == 0, i == inner - 1, o == 0, o == outer - 1
                cycles.append((*flags, bank, address, *taps, 0, 0, 0))
    return cycles


def check(backend, rng, operations, idle):
    """Run operations in alternating banks; each one's sums are read while the next one accumulates, and once at the
    end."""
    cycles, beats, reads = [], [], []
    for number, (outer, middle, inner) in enumerate([*operations, (1, 1, 1)]):
        bank = number % 2
        part = [list(cycle) for cycle in operation_beats(rng, bank, outer, middle, inner, idle)]
        if number:
            # LATENCY cycles after its last beat the previous operation's sums are complete.
            previous = operations[number - 1][1]
            while len(part) < previous + unit.LATENCY:
                part.append([0] * len(FIELDS))
            for address in range(previous):
                part[unit.LATENCY + address][9:] = [1, 1 - bank, address]
                reads.append((len(cycles) + unit.LATENCY + address, 1 - bank, address, len(beats)))
        cycles += part
        beats += [tuple(c[1:9]) for c in part if c[0]]
    columns = {name: np.array([int(c[i]) for c in cycles]) for i, name in enumerate(FIELDS)}
    with open_simulation(design(), backend) as simulation:
        run = simulation.run({"sink": columns}, {"source": len(reads)}, record=True)
    mask = (1 << CONFIG.acc_bits) - 1
    for i, (cycle, bank, address, known) in enumerate(reads):
        wanted = golden_accumulator(beats[:known])[bank, address]
        got = [int(run.outputs["source"][f"value{tap}"][i]) for tap in (0, 1)]
        assert got == [value & mask for value in wanted]
        assert run.transfers["source"][i] - run.transfers["sink"][cycle] == 2
    assert (np.diff(run.transfers["sink"]) == 1).all()  # a beat per cycle, even on the same word


@pytest.mark.parametrize("backend", BACKENDS)
def test_operations_in_turn(backend):
    check(backend, np.random.default_rng(2), [(3, 1, 1), (2, 5, 2), (4, 2, 4), (1, 16, 1), (5, 1, 3)], idle=0.0)


@settings(max_examples=12, deadline=None)
@given(
    st.integers(0, 1 << 32),
    st.lists(st.tuples(st.integers(1, 4), st.integers(1, 16), st.integers(1, 4)), min_size=1, max_size=4),
    st.sampled_from([0.0, 0.3]),
)
def test_random_operations(seed, operations, idle):
    check("myhdl", np.random.default_rng(seed), operations, idle)


@pytest.mark.parametrize("backend", BACKENDS)
def test_results_are_read_while_the_last_round_runs(backend):
    """Each of the last round's sums LATENCY cycles after its beat, from the bank that is being filled."""
    cycles = [list(cycle) for cycle in operation_beats(np.random.default_rng(5), 1, 3, 7, 1, 0.0)]
    cycles += [[0] * len(FIELDS) for _ in range(unit.LATENCY)]
    for address in range(7):
        cycles[14 + address + unit.LATENCY][9:] = [1, 1, address]
    columns = {name: np.array([int(c[i]) for c in cycles]) for i, name in enumerate(FIELDS)}
    with open_simulation(design(), backend) as simulation:
        run = simulation.run({"sink": columns}, {"source": 7})
    wanted = golden_accumulator([tuple(c[1:9]) for c in cycles if c[0]])
    for address in range(7):
        for tap in (0, 1):
            got = int(run.outputs["source"][f"value{tap}"][address])
            assert got == wanted[1, address][tap] & (1 << CONFIG.acc_bits) - 1
