"""Decides, beat by beat, what a lane does: the loop nest of an operation."""

from myhdl import Signal, always, always_comb, concat, intbv, modbv

from golden.units.sequencer import SCALE_PERIOD
from myhdl_acc.convert.entity import entity
from myhdl_acc.engine.command import META, NO_PATCH, PATCH_KEY, PATCH_VALUE, PV, W2, W4
from myhdl_acc.hdl.wiring import unused

#: What a lane did in a cycle (its ``state``).
NO_COMMAND, BEAT, NO_BEAT, NO_OPERAND, NO_BANK = range(5)
STATES = ("no_command", "beat", "no_beat", "no_operand", "no_bank")


@entity(
    outputs=(
        "beat_ready", "start", "accept", "scale_beat", "parameter_beat", "swap", "mode", "phase", "split", "control",
        "number", "outer_index", "from_chain", "from_local", "release_key", "release_value", "state",
    )
)  # fmt: skip
def sequencer(
    clk,
    rst,
    sink_cmd,
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
):
    """Accept ``params`` parameter beats and then beats for ``outer`` × ``middle`` × ``inner`` steps of a command (none
    for META), then go on with the next one without a pause.

    A command begins (``start``) when one of the two banks of results is free: at most two commands are begun and not
    yet given back by ``give_back``. A beat is accepted (``beat_ready``) unless it begins a slice and ``operand_ready``
    is low, or the command patches and its buffer is not filled (``key_ready``, ``value_ready``) or there is no
    ``room`` for a patched beat. ``release_key`` or ``release_value`` pulses with the last beat of a command that
    releases that buffer. In w4 every 17th beat, from the first on, is a scale beat. For an accepted beat one of
    ``parameter_beat``, ``scale_beat`` and ``accept`` (any other beat) is high, and ``swap`` (it begins a slice),
    ``mode``, ``phase``, ``split``, ``control`` (see row_pair.DecodedBeat), ``number`` (of a parameter beat) and
    ``outer_index`` are valid in the same cycle: latency 0. The slice after the one in use (or, if none is, the next) is
    the load unit's while ``from_chain`` is high, the vector unit's (a pv's) while ``from_local`` is, and nobody knows
    while neither is: the next command has not come, or is META. ``state``: one of STATES; every cycle of a lane
    is exactly one of them (NO_OPERAND: the slice, the buffer or the room is missing).
    """
    unused(sink_cmd.heads_log2, sink_cmd.slot, sink_cmd.tokens, sink_cmd.base)
    counts = len(sink_cmd.outer)
    address_bits = len(control) - 6
    busy, bank, do_accept, do_scale, do_parameter, do_swap = (Signal(bool(0)) for _ in range(6))
    used = Signal(intbv(0)[2:])
    # A meta command has no outer count: its outer_last means nothing.
    outer, outer_last = Signal(intbv(0)[counts:]), Signal(modbv(0)[counts:])
    middle, middle_last = Signal(intbv(0)[address_bits:]), Signal(intbv(0)[address_bits:])
    inner, inner_last = Signal(intbv(0)[2:]), Signal(intbv(0)[2:])
    parameter_count, parameter_last = (Signal(intbv(0)[len(number) :]) for _ in range(2))
    held_mode, held_patch = Signal(intbv(0)[3:]), Signal(intbv(0)[2:])
    held_split, held_release, in_parameters = (Signal(bool(0)) for _ in range(3))
    until_scale = Signal(intbv(0)[5:])
    new_slice, is_scale, patch_ready, go, launch, finish, result, bank_free = (Signal(bool(0)) for _ in range(8))
    last_slice, more = Signal(bool(0)), Signal(bool(0))
    next_mode = Signal(intbv(0)[3:])
    begin_inner, begin_outer, end_parameters, end_inner, end_middle, end_outer = (Signal(bool(0)) for _ in range(6))

    @always_comb
    def position():
        new_slice.next = middle == 0 and inner == 0 and not (held_mode == PV and outer[0])
        is_scale.next = held_mode == W4 and until_scale == 0
        end_parameters.next = parameter_count == parameter_last
        end_inner.next = inner == inner_last
        end_middle.next = middle == middle_last
        end_outer.next = outer == outer_last
        begin_inner.next = inner == 0
        begin_outer.next = outer == 0

    @always_comb
    def slices():
        last_slice.next = end_outer or (held_mode == PV and (outer >> 1) == (outer_last >> 1))
        more.next = busy and held_mode != META and not (last_slice and (do_swap or not new_slice))

    @always_comb
    def next_slice():
        if more:
            next_mode.next = held_mode
        else:
            next_mode.next = sink_cmd.mode

    @always_comb
    def origin():
        from_local.next = (more or sink_cmd.valid) and next_mode == PV
        from_chain.next = (more or sink_cmd.valid) and next_mode != PV and next_mode != META

    @always_comb
    def patching():
        if held_patch == NO_PATCH:
            patch_ready.next = True
        elif held_patch == PATCH_KEY:
            patch_ready.next = key_ready and room
        else:
            patch_ready.next = value_ready and room

    @always_comb
    def handshake():
        go.next = busy and patch_ready and (in_parameters or not new_slice or operand_ready)

    @always_comb
    def acceptance():
        do_parameter.next = go and beat_valid and in_parameters
        do_accept.next = go and beat_valid and not in_parameters and not is_scale
        do_scale.next = go and beat_valid and not in_parameters and is_scale
        do_swap.next = go and beat_valid and not in_parameters and not is_scale and new_slice

    @always_comb
    def succession():
        if held_mode == META:
            finish.next = do_parameter and end_parameters
            result.next = do_parameter and end_parameters
        else:
            finish.next = do_accept and end_inner and end_middle and end_outer
            result.next = do_accept and end_inner and end_outer
        bank_free.next = used != 2 or give_back

    @always_comb
    def take_command():
        sink_cmd.ready.next = bank_free and (finish or not busy)
        launch.next = sink_cmd.valid and bank_free and (finish or not busy)

    @always_comb
    def outputs():
        beat_ready.next = go
        start.next = launch
        accept.next = do_accept
        scale_beat.next = do_scale
        parameter_beat.next = do_parameter
        swap.next = do_swap
        mode.next = held_mode
        split.next = held_split
        number.next = parameter_count
        outer_index.next = outer
        if held_mode == PV:
            phase.next = outer[2:] & 1
        elif held_mode == W2:
            phase.next = 0
        else:
            phase.next = inner
        control.next = concat(middle, result, bank, begin_outer, end_inner, begin_inner, do_accept)

    @always_comb
    def releases():
        release_key.next = finish and held_release and held_patch == PATCH_KEY
        release_value.next = finish and held_release and held_patch == PATCH_VALUE

    @always_comb
    def observe():
        if do_accept or do_scale or do_parameter:
            state.next = BEAT
        elif busy:
            if beat_valid:
                state.next = NO_OPERAND
            else:
                state.next = NO_BEAT
        elif sink_cmd.valid and not bank_free:
            state.next = NO_BANK
        else:
            state.next = NO_COMMAND

    @always(clk.posedge)
    def count():
        if do_parameter:
            if end_parameters:
                in_parameters.next = False
            else:
                parameter_count.next = parameter_count + 1
        elif do_accept:
            if held_mode == W4:
                until_scale.next = until_scale - 1
            if not end_inner:
                inner.next = inner + 1
            else:
                inner.next = 0
                if not end_middle:
                    middle.next = middle + 1
                else:
                    middle.next = 0
                    outer.next = outer + 1
        elif do_scale:
            until_scale.next = SCALE_PERIOD
        if launch:
            until_scale.next = 0
            inner.next = 0
            middle.next = 0
            outer.next = 0
            parameter_count.next = 0
            inner_last.next = sink_cmd.inner
            middle_last.next = sink_cmd.middle - 1
            outer_last.next = sink_cmd.outer - 1
            in_parameters.next = sink_cmd.params != 0
            if sink_cmd.params != 0:
                parameter_last.next = sink_cmd.params - 1
            held_mode.next = sink_cmd.mode
            held_split.next = sink_cmd.split
            held_patch.next = sink_cmd.patch
            held_release.next = sink_cmd.release

    @always(clk.posedge)
    def ownership():
        if rst:
            busy.next = False
            bank.next = True
            used.next = 0
        else:
            if launch:
                busy.next = True
                bank.next = not bank
            elif finish:
                busy.next = False
            if launch and not give_back:
                used.next = used + 1
            elif give_back and not launch:
                used.next = used - 1

    return (
        position, slices, next_slice, origin, patching, handshake, acceptance, succession, take_command, outputs,
        releases, observe, count, ownership,
    )  # fmt: skip
