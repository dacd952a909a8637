"""The tile's blocks as designs of their own, with the ports that the engine of a configuration gives them."""

from myhdl import Signal, intbv

from myhdl_acc.hdl.stream import Array, Record, Stream, signed
from myhdl_acc.rtl.engine import records
from myhdl_acc.rtl.engine.accumulator import accumulator
from myhdl_acc.rtl.engine.atom_decoder import atom_decoder
from myhdl_acc.rtl.engine.atom_dot import DOT_BITS, atom_dot
from myhdl_acc.rtl.engine.beat_decoder import beat_decoder
from myhdl_acc.rtl.engine.collector import collector
from myhdl_acc.rtl.engine.command import (
    command_stream,
    load_stream,
    result_stream,
    weights_stream,
    write_stream,
)
from myhdl_acc.rtl.engine.load_hop import load_hop
from myhdl_acc.rtl.engine.parameter_memory import parameter_memory
from myhdl_acc.rtl.engine.patch import patch
from myhdl_acc.rtl.engine.patch_buffer import patch_buffer
from myhdl_acc.rtl.engine.sequencer import sequencer
from myhdl_acc.simulate import Design, clock, reset


def bit():
    return Signal(bool(0))


def bits(width):
    return Signal(intbv(0)[width:])


def number(width):
    return Signal(signed(width))


def atom_decoder_ports(config):
    return dict(
        clk=clock(),
        atom=bits(64),
        mode=bits(3),
        phase=bits(2),
        block_scale=bits(8),
        factors=bits(64),
        positions=bits(32),
        scale=bits(8),
        illegal=bit(),
    )


def atom_dot_ports(config):
    return dict(
        clk=clock(),
        load=bit(),
        load_data=bits(256 * config.pair_rows),
        swap=bit(),
        factors=bits(64),
        positions=bits(32),
        wide=bit(),
        scale=bits(8),
        shadow=bits(256 * config.pair_rows),
        dots=Array("row", [number(DOT_BITS) for _ in range(config.pair_rows)]),
        packed=bool(config.packed),
    )


def accumulator_ports(config):
    tap_bits = DOT_BITS + (config.atoms - 1).bit_length()
    return dict(
        clk=clock(),
        rst=reset(),
        beat=records.summed_beat(config),
        tap0=number(tap_bits),
        tap1=number(tap_bits),
        read=records.read_port(config),
        value0=bits(config.acc_bits),
        value1=bits(config.acc_bits),
        config=config,
    )


def sequencer_ports(config):
    return dict(
        clk=clock(),
        rst=reset(),
        sink_cmd=command_stream(config),
        sink_beat=Stream(),
        operands=records.operands(),
        give_back=bit(),
        start=bit(),
        in_parameters=bit(),
        decision=records.decision(config),
        next_slice=records.next_slice(),
        free=records.buffers(),
        state=bits(3),
    )


def load_hop_ports(config):
    return dict(
        clk=clock(),
        rst=reset(),
        sink=load_stream(config),
        source=load_stream(config),
        sink_local=weights_stream(config),
        swap=bit(),
        room=records.buffers(),
        take=Record(slice=1, key=1, value=1),
        word=bits(config.load_bits),
        ready=bit(),
        atoms=config.atoms,
    )


def collector_ports(config):
    return dict(
        clk=clock(),
        rst=reset(),
        sink_cmd=command_stream(config),
        answers=Array("lane", [records.answer(config) for _ in range(config.lanes)]),
        fetch=records.fetch(config),
        source=result_stream(config),
        config=config,
    )


def patch_buffer_ports(config):
    return dict(
        clk=clock(),
        rst=reset(),
        take=bit(),
        word=bits(config.load_bits),
        free=bit(),
        room=bit(),
        ready=bit(),
        token=records.new_token(config),
        config=config,
    )


def patch_ports(config):
    return dict(
        clk=clock(),
        rst=reset(),
        command=records.patch_command(config),
        arrived=records.placed_beat(config),
        key=records.new_token(config),
        value=records.new_token(config),
        beat=bits(config.beat_bits),
        source_write=write_stream(config),
        room=bit(),
        config=config,
    )


def parameter_memory_ports(config):
    return dict(
        clk=clock(),
        write=records.parameter_beat(config),
        read=records.read_port(config),
        split=bit(),
        tap=bit(),
        word=bits(32),
        config=config,
    )


def beat_decoder_ports(config):
    return dict(
        clk=clock(),
        rst=reset(),
        decided=records.decision(config),
        beat=bits(config.beat_bits),
        load=bit(),
        decoded=records.decoded_beat(config),
        error=bit(),
    )


#: Each block with the function that makes its ports for a configuration.
TILE = {
    "atom_decoder": (atom_decoder, atom_decoder_ports),
    "atom_dot": (atom_dot, atom_dot_ports),
    "accumulator": (accumulator, accumulator_ports),
    "sequencer": (sequencer, sequencer_ports),
    "load_hop": (load_hop, load_hop_ports),
    "collector": (collector, collector_ports),
    "patch_buffer": (patch_buffer, patch_buffer_ports),
    "patch": (patch, patch_ports),
    "beat_decoder": (beat_decoder, beat_decoder_ports),
    "parameter_memory": (parameter_memory, parameter_memory_ports),
}


def tile_design(name, config, block=None):
    """Design of the block called ``name``, or of another ``block`` with the same ports."""
    own, ports = TILE[name]
    return Design(block or own, **ports(config))
