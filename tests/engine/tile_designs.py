"""The tile's blocks as designs of their own, with the ports that the engine of a configuration gives them."""

from myhdl import Signal, intbv

from myhdl_acc.engine.accumulator import accumulator
from myhdl_acc.engine.atom_decoder import atom_decoder
from myhdl_acc.engine.atom_dot import DOT_BITS, atom_dot
from myhdl_acc.engine.collector import collector
from myhdl_acc.engine.command import (
    LANE_BITS,
    command_stream,
    load_stream,
    result_stream,
    weights_stream,
    write_stream,
)
from myhdl_acc.engine.load_hop import load_hop
from myhdl_acc.engine.parameter_memory import parameter_memory
from myhdl_acc.engine.patch import patch
from myhdl_acc.engine.patch_buffer import patch_buffer
from myhdl_acc.engine.row_pair import ADDRESS
from myhdl_acc.engine.sequencer import sequencer
from myhdl_acc.simulate import Design, clock, reset
from myhdl_acc.stream import Array, signed


def bit():
    return Signal(bool(0))


def bits(width):
    return Signal(intbv(0)[width:])


def number(width):
    return Signal(signed(width))


def address_bits(config):
    return (config.acc_depth - 1).bit_length()


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
        load_data=bits(512),
        swap=bit(),
        factors=bits(64),
        positions=bits(32),
        wide=bit(),
        scale=bits(8),
        shadow=bits(512),
        dot0=number(DOT_BITS),
        dot1=number(DOT_BITS),
    )


def accumulator_ports(config):
    tap_bits = DOT_BITS + (config.atoms - 1).bit_length()
    return dict(
        clk=clock(),
        rst=reset(),
        valid=bit(),
        first=bit(),
        last=bit(),
        fresh=bit(),
        complete=bit(),
        bank=bit(),
        address=bits(address_bits(config)),
        tap0=number(tap_bits),
        tap1=number(tap_bits),
        read=bit(),
        read_bank=bit(),
        read_address=bits(address_bits(config)),
        value0=bits(config.acc_bits),
        value1=bits(config.acc_bits),
        config=config,
    )


def sequencer_ports(config):
    return dict(
        clk=clock(),
        rst=reset(),
        sink_cmd=command_stream(config),
        beat_valid=bit(),
        beat_ready=bit(),
        operand_ready=bit(),
        key_ready=bit(),
        value_ready=bit(),
        room=bit(),
        give_back=bit(),
        start=bit(),
        accept=bit(),
        scale_beat=bit(),
        parameter_beat=bit(),
        swap=bit(),
        mode=bits(3),
        phase=bits(2),
        split=bit(),
        control=bits(ADDRESS + address_bits(config)),
        number=bits(16),
        outer_index=bits(16),
        from_chain=bit(),
        from_local=bit(),
        release_key=bit(),
        release_value=bit(),
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
        key_room=bit(),
        value_room=bit(),
        take=bit(),
        take_key=bit(),
        take_value=bit(),
        word=bits(config.load_bits),
        ready=bit(),
        atoms=config.atoms,
    )


def collector_ports(config):
    row_bits = config.rows * config.acc_bits
    return dict(
        clk=clock(),
        rst=reset(),
        sink_cmd=command_stream(config),
        has_result=Array("ch", [bit() for _ in range(config.lanes)]),
        sums=Array("ch", [bits(row_bits) for _ in range(config.lanes)]),
        parameter=Array("ch", [bits(32) for _ in range(config.lanes)]),
        take=bit(),
        give_back=bit(),
        read=bit(),
        read_bank=bit(),
        read_split=bit(),
        read_address=bits(address_bits(config)),
        read_tap=bit(),
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
        nibbles=bits(config.rows * config.beat_bits),
        parameters=bits(32 * config.rows),
        config=config,
    )


def patch_ports(config):
    return dict(
        clk=clock(),
        rst=reset(),
        start=bit(),
        mode=bits(3),
        code=bits(2),
        heads_log2=bits(4),
        slot=bits(32),
        tokens=bits(4),
        base=bits(32),
        lane_index=bits(LANE_BITS),
        split=bit(),
        valid=bit(),
        is_parameter=bit(),
        data=bits(config.beat_bits),
        number=bits(16),
        outer_index=bits(16),
        address=bits(address_bits(config)),
        key=bits(config.rows * config.beat_bits),
        key_parameters=bits(32 * config.rows),
        value=bits(config.rows * config.beat_bits),
        value_parameters=bits(32 * config.rows),
        beat=bits(config.beat_bits),
        source_write=write_stream(config),
        room=bit(),
        config=config,
    )


def parameter_memory_ports(config):
    return dict(
        clk=clock(),
        write=bit(),
        write_bank=bit(),
        number=bits(16),
        data=bits(config.beat_bits),
        read=bit(),
        read_bank=bit(),
        read_split=bit(),
        read_address=bits(address_bits(config)),
        read_tap=bit(),
        parameter_word=bits(32),
        config=config,
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
    "parameter_memory": (parameter_memory, parameter_memory_ports),
}


def tile_design(name, config, block=None):
    """Design of the block called ``name``, or of another ``block`` with the same ports."""
    own, ports = TILE[name]
    return Design(block or own, **ports(config))
