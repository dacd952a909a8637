"""One lane: its stream from memory meets the stationary slices of all rows."""

from myhdl import Signal, always, always_comb, block, intbv

from myhdl_acc.convert.entity import entity
from myhdl_acc.engine.atom_decoder import atom_decoder
from myhdl_acc.engine.command import W8
from myhdl_acc.engine.load_hop import load_hop
from myhdl_acc.engine.parameter_memory import parameter_memory
from myhdl_acc.engine.patch import patch
from myhdl_acc.engine.patch_buffer import patch_buffer
from myhdl_acc.engine.row_pair import ADDRESS, BANK, DecodedBeat, row_pair
from myhdl_acc.engine.sequencer import sequencer
from myhdl_acc.engine.slice_gate import slice_gate
from myhdl_acc.hdl.delay import delay
from myhdl_acc.hdl.wiring import unused, vector, wire
from myhdl_acc.stream import Array, fifo, half_pipe, s2m_pipe, stream_fork

#: Commands that wait in a lane while one is running.
COMMAND_QUEUE = 2


@entity(outputs=("sums", "parameter_word", "has_result", "state", "error"))
def lane(
    clk,
    rst,
    lane_index,
    sink_cmd,
    source_cmd,
    sink_load,
    source_load,
    sink_weights,
    sink_beat,
    source_write,
    take,
    give_back,
    read,
    read_bank,
    read_split,
    read_address,
    read_tap,
    sums,
    parameter_word,
    has_result,
    state,
    error,
    config,
):
    """Sequencer, patch, atom decoders, row pairs. One beat per cycle; row pair p works p cycles behind row pair 0.

    ``sink_cmd`` → ``source_cmd`` and ``sink_load`` → ``source_load`` pass commands and load words on to the next lane;
    ``sink_weights`` brings slices for this one alone, for pv. ``source_write``: write_stream, the patched beats.
    ``has_result``: an index of an operation waits for ``take``; ``give_back`` gives an operation's bank back. ``read``,
    ``read_bank``, ``read_split``, ``read_address`` fetch an index, whose ``sums`` (rows × acc_bits, row 0 lowest) and
    ``parameter_word`` of tap ``read_tap`` show from the next cycle on. ``lane_index``: the lane's number. ``state``:
    see sequencer. ``error`` stays high after an illegal weight. Only the input of the lane can stall.
    """
    atoms, rows, acc_bits = config.atoms, config.rows, config.acc_bits
    here, onward, queue, command = sink_cmd.like(), sink_cmd.like(), sink_cmd.like(), sink_cmd
    branches = Array("to", [here, onward])
    commands = (
        stream_fork(clk, rst, command, branches),
        half_pipe(clk, rst, onward, source_cmd),
        fifo(clk, rst, here, queue, COMMAND_QUEUE),
    )

    buffered, chain, local = sink_load.like(), sink_load.like(), sink_weights.like()
    from_chain, from_local, slice_room = (Signal(bool(0)) for _ in range(3))
    swap, load, take_key, take_value, operand_ready = (Signal(bool(0)) for _ in range(5))
    key_room, value_room, key_ready, value_ready, release_key, release_value = (Signal(bool(0)) for _ in range(6))
    load_word = Signal(intbv(0)[config.load_bits :])
    key, value = (Signal(intbv(0)[rows * config.beat_bits :]) for _ in range(2))
    key_parameters, value_parameters = (Signal(intbv(0)[rows * 32 :]) for _ in range(2))
    loads = (
        s2m_pipe(clk, rst, sink_load, buffered),
        slice_gate(buffered, sink_weights, from_chain, from_local, slice_room, chain, local),
        load_hop(
            clk, rst, chain, source_load, local, swap, key_room, value_room, load, take_key, take_value,
            load_word, operand_ready, atoms,
        ),
        patch_buffer(
            clk, rst, take_key, load_word, release_key, key_room, key_ready, key, key_parameters, config
        ),
        patch_buffer(
            clk, rst, take_value, load_word, release_value, value_room, value_ready, value, value_parameters, config
        ),
    )  # fmt: skip

    @always_comb
    def room_for_slice():
        slice_room.next = not operand_ready or swap

    first = DecodedBeat(config)
    beat_valid, beat_ready, start, accept, scale_beat, parameter_beat, split, room = (Signal(bool(0)) for _ in range(8))
    mode, phase = Signal(intbv(0)[3:]), Signal(intbv(0)[2:])
    control = Signal(intbv(0)[len(first.control) :])
    number, outer_index = Signal(intbv(0)[len(sink_cmd.params) :]), Signal(intbv(0)[len(sink_cmd.outer) :])
    address = Signal(intbv(0)[len(read_address) :])
    beat_taken = Signal(bool(0))
    sequence = sequencer(
        clk,
        rst,
        queue,
        beat_valid,
        beat_ready,
        operand_ready,
        key_ready,
        value_ready,
        room,
        give_back,
        start,
        accept,
        scale_beat,
        parameter_beat,
        swap,
        mode,
        phase,
        split,
        control,
        number,
        outer_index,
        from_chain,
        from_local,
        release_key,
        release_value,
        state,
    )
    beat_data, beat = Signal(intbv(0)[config.beat_bits :]), Signal(intbv(0)[config.beat_bits :])
    patches = patch(
        clk,
        rst,
        start,
        queue.mode,
        queue.patch,
        queue.heads_log2,
        queue.slot,
        queue.tokens,
        queue.base,
        lane_index,
        split,
        beat_taken,
        parameter_beat,
        beat_data,
        number,
        outer_index,
        address,
        key,
        key_parameters,
        value,
        value_parameters,
        beat,
        source_write,
        room,
        config,
    )

    @always_comb
    def input_():
        beat_valid.next = sink_beat.valid
        sink_beat.ready.next = beat_ready
        beat_data.next = sink_beat.data
        beat_taken.next = sink_beat.valid and beat_ready
        address.next = control[:ADDRESS]

    # The beat's side information, in step with the patched beat.
    beat_mode, beat_phase = Signal(intbv(0)[3:]), Signal(intbv(0)[2:])
    beat_split, is_weights, is_scales, is_parameters, beat_swap = (Signal(bool(0)) for _ in range(5))
    beat_control = Signal(intbv(0)[len(control) :])
    beat_number = Signal(intbv(0)[len(number) :])
    beat_bank = Signal(bool(0))

    @always(clk.posedge)
    def beside_patch():
        beat_mode.next = mode
        beat_phase.next = phase
        beat_split.next = split
        beat_number.next = number

    @always(clk.posedge)
    def beside_patch_control():
        if rst:
            beat_control.next = 0
            beat_swap.next = False
            is_weights.next = False
            is_scales.next = False
            is_parameters.next = False
        else:
            beat_control.next = control
            beat_swap.next = swap
            is_weights.next = accept
            is_scales.next = scale_beat
            is_parameters.next = parameter_beat

    @always_comb
    def bank_of_beat():
        beat_bank.next = beat_control[BANK]

    parameters = parameter_memory(
        clk, is_parameters, beat_bank, beat_number, beat, read, read_bank, read_split, read_address, read_tap,
        parameter_word, config,
    )  # fmt: skip

    block_scales = Signal(intbv(0)[config.beat_bits :])
    scale_step = 8 * atoms

    @always(clk.posedge)
    def shift_scales():
        # A pair of weight beats (phase 0 and 1) uses the lowest ``atoms`` bytes.
        if is_scales:
            block_scales.next = beat
        elif is_weights and beat_phase[0]:
            block_scales.next = block_scales >> scale_step

    decoders = []
    factors = [Signal(intbv(0)[64:]) for _ in range(atoms)]
    positions = [Signal(intbv(0)[32:]) for _ in range(atoms)]
    scales = [Signal(intbv(0)[8:]) for _ in range(atoms)]
    illegals = [Signal(bool(0)) for _ in range(atoms)]
    for a in range(atoms):
        atom, scale = Signal(intbv(0)[64:]), Signal(intbv(0)[8:])
        decoders += [
            wire(beat(64 * a + 64, 64 * a), atom),
            wire(block_scales(8 * a + 8, 8 * a), scale),
            atom_decoder(clk, atom, beat_mode, beat_phase, scale, factors[a], positions[a], scales[a], illegals[a]),
        ]
    all_factors, all_positions = vector(factors), vector(positions)
    all_scales, any_illegal = vector(scales), vector(illegals)

    @always_comb
    def decoded():
        first.factors.next = all_factors
        first.positions.next = all_positions
        first.scales.next = all_scales
        first.load.next = load

    @always(clk.posedge)
    def beside():
        first.wide.next = beat_mode == W8
        first.split.next = beat_split

    @always(clk.posedge)
    def beside_control():
        if rst:
            first.control.next = 0
            first.swap.next = False
            error.next = False
        else:
            first.control.next = beat_control
            first.swap.next = beat_swap
            error.next = error or (first.control[0] and any_illegal != 0)

    beats = [first] + [DecodedBeat(config) for _ in range(config.pairs)]
    values = [[Signal(intbv(0)[acc_bits:]) for _ in range(rows)] for _ in range(2)]
    dones = [Signal(bool(0)) for _ in range(config.pairs)]

    pairs = []
    for p in range(config.pairs):
        pair_word = Signal(intbv(0)[512:])
        pairs += [
            pair_load(clk, load_word(512 * p + 512, 512 * p), pair_word, p),
            row_pair(
                clk,
                rst,
                beats[p],
                pair_word,
                beats[p + 1],
                read,
                read_bank,
                read_address,
                values[0][2 * p],
                values[1][2 * p],
                values[0][2 * p + 1],
                values[1][2 * p + 1],
                dones[p],
                config,
            ),
        ]
    unused(*vars(beats[-1]).values(), *dones[:-1])
    word0, word1 = vector(values[0]), vector(values[1])
    waiting = Signal(intbv(0)[(2 * config.acc_depth).bit_length() :])
    done = dones[-1]

    @always_comb
    def output():
        if read_tap:
            sums.next = word1
        else:
            sums.next = word0

    @always(clk.posedge)
    def count_results():
        if rst:
            waiting.next = 0
            has_result.next = False
        elif done and not take:
            waiting.next = waiting + 1
            has_result.next = True
        elif take and not done:
            waiting.next = waiting - 1
            has_result.next = waiting != 1

    return (
        commands, loads, room_for_slice, sequence, patches, input_, beside_patch, beside_patch_control, bank_of_beat,
        parameters, shift_scales, decoders, decoded, beside, beside_control, pairs, output, count_results,
    )  # fmt: skip


@block
def pair_load(clk, word, pair_word, hops):
    """A pair's part of a stationary word, ``hops`` cycles late like the beats it goes with."""
    if hops == 0:
        return wire(word, pair_word)
    copied = Signal(intbv(0)[512:])
    copy = wire(word, copied)
    late = delay(clk, copied, pair_word, hops)
    return copy, late
