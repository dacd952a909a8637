"""One lane: its stream from memory meets the stationary slices of all rows."""

from myhdl import Signal, always, always_comb, block, intbv

from myhdl_acc.convert.entity import entity
from myhdl_acc.engine.atom_decoder import atom_decoder
from myhdl_acc.engine.command import W8
from myhdl_acc.engine.delay import delay
from myhdl_acc.engine.load_hop import load_hop
from myhdl_acc.engine.row_pair import DecodedBeat, row_pair
from myhdl_acc.engine.sequencer import sequencer
from myhdl_acc.stream import Bundle, fifo, half_pipe, s2m_pipe, stream_fork
from myhdl_acc.stream.wiring import unused, vector, wire

#: Commands that wait in a lane while one is running.
COMMAND_QUEUE = 2


@entity(outputs=("tap0", "tap1", "has_result", "state", "error"))
def lane(
    clk,
    rst,
    sink_cmd,
    source_cmd,
    sink_load,
    source_load,
    sink_beat,
    give_back,
    read,
    read_bank,
    read_address,
    tap0,
    tap1,
    has_result,
    state,
    error,
    config,
):
    """Sequencer, atom decoders, row pairs. One beat per cycle; row pair p works p cycles behind row pair 0.

    ``sink_cmd`` → ``source_cmd`` and ``sink_load`` → ``source_load`` pass commands and slices on to the next lane.
    ``has_result``: an operation's sums are complete; ``give_back`` gives its bank back. ``read``, ``read_bank``,
    ``read_address`` fetch ``tap0``/``tap1`` (rows × acc_bits, row 0 lowest) one cycle later. ``state``: see sequencer.
    ``error`` stays high after an illegal w2 code. Only the input of the lane can stall.
    """
    atoms, rows, acc_bits = config.atoms, config.rows, config.acc_bits
    here, onward, queue, command = sink_cmd.like(), sink_cmd.like(), sink_cmd.like(), sink_cmd
    branches = Bundle("to", [here, onward])
    commands = (
        stream_fork(clk, rst, command, branches),
        half_pipe(clk, rst, onward, source_cmd),
        fifo(clk, rst, here, queue, COMMAND_QUEUE),
    )

    buffered = sink_load.like()
    swap, take, operand_ready = (Signal(bool(0)) for _ in range(3))
    loads = (
        s2m_pipe(clk, rst, sink_load, buffered),
        load_hop(clk, rst, buffered, source_load, swap, take, operand_ready, atoms),
    )

    first = DecodedBeat(config)
    beat_valid, beat_ready, accept, scale_beat, split = (Signal(bool(0)) for _ in range(5))
    mode, phase = Signal(intbv(0)[3:]), Signal(intbv(0)[2:])
    control = Signal(intbv(0)[len(first.control) :])
    sequence = sequencer(
        clk,
        rst,
        queue,
        beat_valid,
        beat_ready,
        operand_ready,
        give_back,
        accept,
        scale_beat,
        swap,
        mode,
        phase,
        split,
        control,
        state,
    )

    @always_comb
    def input_():
        beat_valid.next = sink_beat.valid
        sink_beat.ready.next = beat_ready

    block_scales = Signal(intbv(0)[config.beat_bits :])
    scale_step = 8 * atoms

    @always(clk.posedge)
    def shift_scales():
        # A pair of weight beats (phase 0 and 1) uses the lowest ``atoms`` bytes.
        if scale_beat:
            block_scales.next = sink_beat.data
        elif accept and phase[0]:
            block_scales.next = block_scales >> scale_step

    beat = Signal(intbv(0)[config.beat_bits :])

    @always_comb
    def beat_data():
        beat.next = sink_beat.data

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
            atom_decoder(clk, atom, mode, phase, scale, factors[a], positions[a], scales[a], illegals[a]),
        ]
    all_factors, all_positions = vector(factors), vector(positions)
    all_scales, any_illegal = vector(scales), vector(illegals)

    @always_comb
    def decoded():
        first.factors.next = all_factors
        first.positions.next = all_positions
        first.scales.next = all_scales
        first.load.next = take

    @always(clk.posedge)
    def beside():
        first.wide.next = mode == W8
        first.split.next = split

    @always(clk.posedge)
    def beside_control():
        if rst:
            first.control.next = 0
            first.swap.next = False
            error.next = False
        else:
            first.control.next = control
            first.swap.next = swap
            error.next = error or (first.control[0] and any_illegal != 0)

    beats = [first] + [DecodedBeat(config) for _ in range(config.pairs)]
    values = [[Signal(intbv(0)[acc_bits:]) for _ in range(rows)] for _ in range(2)]
    dones = [Signal(bool(0)) for _ in range(config.pairs)]
    load_word = Signal(intbv(0)[config.load_bits :])

    @always_comb
    def load_data():
        load_word.next = source_load.data

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
    pending = Signal(intbv(0)[2:])
    done = dones[-1]

    @always_comb
    def output():
        tap0.next = word0
        tap1.next = word1
        has_result.next = pending != 0

    @always(clk.posedge)
    def count_results():
        if rst:
            pending.next = 0
        elif done and not give_back:
            pending.next = pending + 1
        elif give_back and not done:
            pending.next = pending - 1

    return (
        commands, loads, sequence, input_, shift_scales, beat_data, decoders, decoded,
        beside, beside_control, load_data, pairs, output, count_results,
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
