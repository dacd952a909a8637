"""The systolic engine: every dot product of the model."""

from myhdl import Signal, always, always_comb, block, intbv

from myhdl_acc.convert.entity import entity
from myhdl_acc.engine.collector import collector
from myhdl_acc.engine.command import (
    LANE_BITS,
    beat_stream,
    command_stream,
    load_stream,
    result_stream,
    weights_stream,
    write_stream,
)
from myhdl_acc.engine.lane import lane
from myhdl_acc.hdl.wiring import constant, unused, vector
from myhdl_acc.stream import Array


@entity(outputs=("state", "error"))
def engine(clk, rst, sink_cmd, sink_load, sink_weights, sink_beat, source_write, source_result, state, error, config):
    """lanes × rows tiles, switched between w2, w4, w8, qk and pv by each command; see docs/engine.md.

    ``sink_cmd``: command_stream; ``sink_load``: load_stream; ``source_result``: result_stream. Arrays over lanes:
    ``sink_weights``: weights_streams, slices for a lane alone; ``sink_beat``: beat_streams; ``source_write``:
    write_streams, patched beats; ``state``: the lanes' states (sequencer.STATES), for observation. ``error`` stays high
    after an illegal weight. One beat per lane and cycle, across operations too.
    """
    lanes = config.lanes
    address_bits = (config.acc_depth - 1).bit_length()
    commands = [sink_cmd] + [command_stream(config) for _ in range(lanes)]
    loads = [sink_load] + [load_stream(config) for _ in range(lanes)]
    take, give_back, read, read_bank, read_split, read_tap = (Signal(bool(0)) for _ in range(6))
    read_address = Signal(intbv(0)[address_bits:])
    row_bits = config.rows * config.acc_bits
    sums = Array("ch", [Signal(intbv(0)[row_bits:]) for _ in range(lanes)])
    parameter = Array("ch", [Signal(intbv(0)[32:]) for _ in range(lanes)])
    has_result = Array("ch", [Signal(bool(0)) for _ in range(lanes)])
    errors = [Signal(bool(0)) for _ in range(lanes)]
    indices = [Signal(intbv(0)[LANE_BITS:]) for _ in range(lanes)]
    array = []
    for i in range(lanes):
        array += [
            constant(clk, indices[i], i),
            lane(
                lane_index=indices[i],
                sink_cmd=commands[i],
                source_cmd=commands[i + 1],
                sink_load=loads[i],
                source_load=loads[i + 1],
                sink_weights=sink_weights[i],
                sink_beat=sink_beat[i],
                source_write=source_write[i],
                take=take,
                give_back=give_back,
                read=read,
                read_bank=read_bank,
                read_split=read_split,
                read_address=read_address,
                read_tap=read_tap,
                sums=sums[i],
                parameter_word=parameter[i],
                has_result=has_result[i],
                state=state[i],
                error=errors[i],
                config=config,
            ),
        ]
    unused(loads[lanes].valid, *loads[lanes].payload().values())
    drain(clk, loads[lanes])
    collector(
        sink_cmd=commands[lanes],
        has_result=has_result,
        sums=sums,
        parameter=parameter,
        take=take,
        give_back=give_back,
        read=read,
        read_bank=read_bank,
        read_split=read_split,
        read_address=read_address,
        read_tap=read_tap,
        source=source_result,
        config=config,
    )
    any_error = vector(errors)

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
