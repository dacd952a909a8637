"""The systolic engine: every dot product of the model."""

from myhdl import Signal, always, always_comb, block, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record
from myhdl_acc.hdl.stream import Array
from myhdl_acc.hdl.wiring import constant, unused, vector, wire
from myhdl_acc.rtl.engine.collector import collector
from myhdl_acc.rtl.engine.command import (
    LANE_BITS,
    beat_stream,
    command_stream,
    load_stream,
    result_stream,
    weights_stream,
    write_stream,
)
from myhdl_acc.rtl.engine.lane import lane
from myhdl_acc.rtl.engine.records import fetch, shown


@entity(outputs=("state", "error"))
def engine(clk, rst, sink_cmd, sink_load, sink_weights, sink_beat, source_write, source_result, state, error, config):
    """lanes × rows tiles, switched between w2, w4, w8, qk and pv by each command; see docs/engine.md.

    ``sink_cmd``: command_stream; ``sink_load``: load_stream; ``source_result``: result_stream. Arrays over lanes:
    ``sink_weights``: weights_streams, slices for a lane alone; ``sink_beat``: beat_streams; ``source_write``:
    write_streams, patched beats; ``state``: the lanes' states (sequencer.STATES), for observation. ``error`` stays high
    after an illegal weight. One beat per lane and cycle, across operations too.
    """
    lanes = config.lanes
    told, seen = fetch(config), [shown(config) for _ in range(lanes)]
    chain = Record(sink_cmd=sink_cmd, sink_load=sink_load)
    for i in range(lanes):
        index = Signal(intbv(0)[LANE_BITS:])
        constant(clk, index, i)
        onward = Record(source_cmd=sink_cmd.like(), source_load=sink_load.like())
        lane(
            index=index,
            chain=chain,
            onward=onward,
            sink_weights=sink_weights[i],
            sink_beat=sink_beat[i],
            source_write=source_write[i],
            fetch=told,
            shown=seen[i],
            config=config,
        )
        wire(seen[i].state, state[i])
        chain = onward.flipped()
    unused(chain.sink_load.valid, *chain.sink_load.payload().values())
    drain(clk, chain.sink_load)
    collector(
        sink_cmd=chain.sink_cmd,
        answers=Array("lane", [one.answer for one in seen]),
        fetch=told,
        source=source_result,
        config=config,
    )
    any_error = vector([one.error for one in seen])

    @always_comb
    def observe():
        error.next = any_error != 0


@block
def drain(clk, sink):
    """The end of the load chain: broadcasts have reached every lane."""

    @always(clk.posedge)
    def take():
        sink.ready.next = True


def engine_ports(config):
    """Arguments for engine() by name, without clock and reset."""
    return {
        "sink_cmd": command_stream(config),
        "sink_load": load_stream(config),
        "sink_weights": Array("ch", [weights_stream(config) for _ in range(config.lanes)]),
        "sink_beat": Array("ch", [beat_stream(config) for _ in range(config.lanes)]),
        "source_write": Array("ch", [write_stream(config) for _ in range(config.lanes)]),
        "source_result": result_stream(config),
        "state": Array("lane", [Signal(intbv(0)[3:]) for _ in range(config.lanes)]),
        "error": Signal(bool(0)),
        "config": config,
    }
