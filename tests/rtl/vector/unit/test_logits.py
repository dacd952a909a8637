"""The instruction logits: the tokens of all rows, the most likely ones and drawn ones, and its cycles."""

import numpy as np
import pytest
from myhdl import Signal, intbv
from vector_bench import TINY, Expected, follow, vector_bench, vector_ports

from golden.machine import Memory
from golden.machine.engine import Results
from golden.machine.load import ActivationBuffer, Slices
from golden.machine.parameters import parameter_words
from golden.machine.vector import VectorUnit
from golden.numerics import Scale
from golden.units.sampling import GREEDY, Sampling
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Array, Record, bits
from myhdl_acc.hdl.stream import Stream
from myhdl_acc.hdl.wiring import unused, wire
from myhdl_acc.rtl.control.instruction import assemble
from myhdl_acc.rtl.vector.arith import simon_cipher as cipher_unit
from myhdl_acc.rtl.vector.unit import draw_control, records
from myhdl_acc.rtl.vector.unit.duration import duration
from myhdl_acc.simulate import Design, clock, open_simulation, reset

#: Two operations of logits; the last column of the last index is padding. What follows shows when they have ended.
PROGRAM = assemble("""
vector.embed first=1 dst=0 count=4
vector.quantise src=0 dst=0 count=4
vector.logits first=1 row=1 count=8 heads=2 address=0
vector.logits last=1 row=1 count=5 heads=1 address=2
vector.embed first=1 dst=0 count=4
vector.quantise src=0 dst=0 count=4
""")
INDICES, PADDING = 13, 3
POSITIONS = [8, (1 << 31) - 2]  # of the rows' tokens


@entity(outputs=("tokens",))
def token_bench(
    clk, rst, sink_op, sink_result, source_weights, source_logits, source_activation, tokens, sampling, config
):
    """vector_bench, whose rows' ``tokens`` are probes."""
    said = Record(token=32 * config.rows, **records.said().members())
    vector_bench(
        sink_op=sink_op,
        sink_result=sink_result,
        source_weights=source_weights,
        source_logits=source_logits,
        source_activation=source_activation,
        said=said,
        sampling=sampling,
        config=config,
    )
    unused(said.post, said.idle, said.busy_op)
    for row, token in enumerate(tokens):
        wire(bits(said.token, 32 * row, 32), token)


def token_design():
    names = ("sink_op", "sink_result", "source_weights", "source_logits", "sampling", "config")
    return Design(
        token_bench,
        clk=clock(),
        rst=reset(),
        source_activation=Stream(index=16, data=TINY.rows * TINY.lanes * 8),
        tokens=Array("row", [Signal(intbv(0)[32:]) for _ in range(TINY.rows)]),
        **{name: port for name, port in vector_ports(TINY).items() if name in names},
    )


def samplings(sampling):
    """Of the rows: the last one draws at half the temperature, with another seed."""
    return [sampling] * (TINY.rows - 1) + [Sampling(sampling.temperature // 2, sampling.seed ^ 5)]


def expected_of(sampling, seed):
    """(Expected, the rows' tokens) of the golden vector unit."""
    rng, shape = np.random.default_rng(seed), (TINY.rows, TINY.lanes)
    expected, given = Expected(TINY), Results()
    memory = Memory(np.zeros((TINY.lanes, 8, TINY.beat_bits // 8), np.uint8))
    buffer = ActivationBuffer(TINY.rows, TINY.activation_words)
    unit = VectorUnit(memory, TINY.rows, TINY.atoms, TINY.vector_depth, buffer, given, Slices(), {})
    unit.samplings, unit.positions = samplings(sampling), POSITIONS
    for number, instruction in enumerate(PROGRAM):
        if instruction.op != "quantise":
            count = instruction["count"]
            if instruction.op == "embed":
                result = np.zeros((*shape, count), int), rng.integers(0, 1 << 16, (TINY.lanes, count), np.uint32)
            else:
                scales = Scale(rng.integers(1 << 15, 1 << 16, (TINY.lanes, count)), 20)
                result = rng.integers(-(1 << 12), 1 << 12, (*shape, count)), parameter_words(scales)
            given.put(*result)
            expected.take(*result)
        expected.trace(number, instruction, unit.execute(instruction))
    return expected, unit.token.tolist()


@pytest.mark.parametrize("backend", ["myhdl", "icarus", "ghdl"])
def test_tokens_and_cycles(backend):
    found, wanted, taken = [], [], []
    with open_simulation(token_design(), backend) as simulation:
        for number, sampling in enumerate([GREEDY, *(Sampling.of(15, seed) for seed in (1, 1 << 63)), GREEDY]):
            expected, tokens = expected_of(sampling, number)
            levels = {f"sampling_positions_row{row:02d}": one for row, one in enumerate(POSITIONS)}
            for row, own in enumerate(samplings(sampling)):
                levels[f"sampling_temperatures_row{row:02d}"] = own.temperature
                levels[f"sampling_seeds_row{row:02d}"] = own.seed
            run = follow(simulation, expected, TINY, **levels)
            last = {event.unit: event.state for event in run.events}
            found.append([int(last[f"tokens_row{row:02d}"].removeprefix("value:")) for row in range(TINY.rows)])
            wanted.append(tokens)
            assert (tokens == expected_of(GREEDY, number)[1]) == (sampling == GREEDY)
            taken.append(np.diff(run.transfers["sink_op"]).tolist()[2:4])
    assert found == wanted
    # Greedy: the token takes 4 cycles and log2(lanes), a beat that is filled 1 and its zeros.
    plain = [duration(PROGRAM[2], TINY), duration(PROGRAM[3], TINY) + 2 + 1 + PADDING]
    assert taken[0] == taken[3] == plain
    space, more = draw_control.spacing(TINY.rows), draw_control.wait(TINY.rows)
    for drawn in taken[1:3]:
        assert sum(drawn) >= sum(plain) + (INDICES - 2) * (space - 1) + more
        making = 2 * space + cipher_unit.LATENCY  # the positions' keys
        assert sum(drawn) <= sum(plain) + INDICES * (space - 1) + more + making
