"""Instructions one after the other: each takes its cycles and its results."""

import numpy as np
import pytest
from myhdl import Signal
from vector_bench import TINY

from myhdl_acc.hdl.stream import Stream
from myhdl_acc.rtl.control.instruction import assemble
from myhdl_acc.rtl.vector.unit import records
from myhdl_acc.rtl.vector.unit.duration import duration
from myhdl_acc.rtl.vector.unit.instructions import INSTRUCTIONS
from myhdl_acc.rtl.vector.unit.vector_control import vector_control
from myhdl_acc.simulate import Design, clock, open_simulation, reset

#: One of each kind, and one of each that follows a pass.
PROGRAM = """
vector.embed first=1 count=9
vector.norm first=1 count=9
vector.norm last=1 count=9
vector.quantise count=9
vector.requantise count=7
vector.angle pair=1
vector.rope_key count=16 dims=16
vector.quantise_query count=16 dims=16
vector.select heads=1
vector.scores first=1 last=1 count=8 filled=8
vector.scores first=1 count=8 filled=8
vector.values count=8
vector.softmax first=1 last=1 count=64 filled=8 post=1
vector.mix first=1 count=8
vector.gather heads=2 count=32 dims=32 stride=1
vector.logits first=1 count=4 heads=2
vector.bias count=3
"""


def design():
    orders, activation = records.lane_orders(), records.activation_write()
    return Design(
        vector_control, clk=clock(), rst=reset(), sink_op=Stream(word=256), sink_result=Stream(),
        lanes_ready=records.lane_readiness(), draws=Signal(bool(0)), control=records.column_control(TINY),
        row_control=records.row_control(TINY), orders=orders, activation=activation, said=records.said(), config=TINY,
    )  # fmt: skip


@pytest.mark.parametrize("room", [True, False])
def test_every_instruction_takes_its_cycles(room):
    instructions = assemble(PROGRAM)
    if not room:  # what takes weights and logits is full
        instructions = [one for one in instructions if one.op not in ("softmax", "logits")]
    words = np.frombuffer(b"".join(one.word().to_bytes(32, "little") for one in instructions), np.uint8)
    results = sum(one["count"] for one in instructions if INSTRUCTIONS[one.op].flag("result"))
    ready = dict.fromkeys(("room_for_weights", "room_for_logits"), int(room))
    levels = {f"lanes_ready_{name}": value for name, value in ready.items()}
    with open_simulation(design(), "myhdl") as simulation:
        inputs = {"sink_op": {"word": words.reshape(-1, 32)}, "sink_result": results, **levels}
        run = simulation.run(inputs, {}, record=True)
    taken = np.diff(run.transfers["sink_op"]).tolist()
    assert taken == [duration(one, TINY) for one in instructions[:-1]]
    # Results are taken one per cycle.
    took = run.transfers["sink_result"]
    for one in instructions:
        if INSTRUCTIONS[one.op].flag("result"):
            assert (np.diff(took[: one["count"]]) == 1).all()
            took = took[one["count"] :]
