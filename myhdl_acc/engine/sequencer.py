"""Decides, beat by beat, what a lane does: the loop nest of an operation."""

from myhdl import Signal, always, always_comb, concat, intbv

from golden.units.sequencer import SCALE_PERIOD
from myhdl_acc.convert.entity import entity
from myhdl_acc.engine.command import PV, W2, W4
from myhdl_acc.stream.wiring import unused

#: What a lane did in a cycle (its ``state``).
NO_COMMAND, BEAT, NO_BEAT, NO_OPERAND, NO_BANK = range(5)
STATES = ("no_command", "beat", "no_beat", "no_operand", "no_bank")


@entity(outputs=("beat_ready", "accept", "scale_beat", "swap", "mode", "phase", "split", "control", "state"))
def sequencer(
    clk,
    rst,
    sink_cmd,
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
):
    """Accept beats for ``outer`` × ``middle`` × ``inner`` steps of a command, then go on with the next one without a
    pause.

    A command begins when one of the two accumulator banks is free: at most two commands are begun and not yet given
    back by ``give_back``. A beat is accepted (``beat_ready``) unless it begins a slice and ``operand_ready`` is low. In
    w4 every 17th beat, from the first on, is a scale beat (``scale_beat``), all others are weight beats (``accept``).
    For an accepted beat ``swap`` (it begins a slice), ``mode``, ``phase``, ``split`` and ``control`` (see
    row_pair.DecodedBeat) are valid in the same cycle: latency 0. ``state``: one of STATES; every cycle of a lane is
    exactly one of them.
    """
    unused(sink_cmd.reduce)
    counts = len(sink_cmd.outer)
    address_bits = len(control) - 6
    busy, bank, do_accept, do_scale, do_swap = (Signal(bool(0)) for _ in range(5))
    used = Signal(intbv(0)[2:])
    outer, outer_last = Signal(intbv(0)[counts:]), Signal(intbv(0)[counts:])
    middle, middle_last = Signal(intbv(0)[address_bits:]), Signal(intbv(0)[address_bits:])
    inner, inner_last = Signal(intbv(0)[2:]), Signal(intbv(0)[2:])
    held_mode = Signal(intbv(0)[3:])
    held_split = Signal(bool(0))
    until_scale = Signal(intbv(0)[5:])
    new_slice, is_scale, go, end_inner, end_middle, end_outer, finish, bank_free, start, begin_inner, begin_outer = (
        Signal(bool(0)) for _ in range(11)
    )

    @always_comb
    def position():
        new_slice.next = middle == 0 and inner == 0 and not (held_mode == PV and outer[0])
        is_scale.next = held_mode == W4 and until_scale == 0
        end_inner.next = inner == inner_last
        end_middle.next = middle == middle_last
        end_outer.next = outer == outer_last
        begin_inner.next = inner == 0
        begin_outer.next = outer == 0

    @always_comb
    def handshake():
        go.next = busy and (not new_slice or operand_ready)

    @always_comb
    def acceptance():
        do_accept.next = go and beat_valid and not is_scale
        do_scale.next = go and beat_valid and is_scale
        do_swap.next = go and beat_valid and not is_scale and new_slice

    @always_comb
    def succession():
        finish.next = do_accept and end_inner and end_middle and end_outer
        bank_free.next = used != 2 or give_back

    @always_comb
    def take_command():
        sink_cmd.ready.next = bank_free and (finish or not busy)
        start.next = sink_cmd.valid and bank_free and (finish or not busy)

    @always_comb
    def outputs():
        beat_ready.next = go
        accept.next = do_accept
        scale_beat.next = do_scale
        swap.next = do_swap
        mode.next = held_mode
        split.next = held_split
        if held_mode == PV:
            phase.next = outer[2:] & 1
        elif held_mode == W2:
            phase.next = 0
        else:
            phase.next = inner
        control.next = concat(middle, finish, bank, begin_outer, end_inner, begin_inner, do_accept)

    @always_comb
    def observe():
        if do_accept or do_scale:
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
        if do_accept:
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
        if start:
            until_scale.next = 0
            inner.next = 0
            middle.next = 0
            outer.next = 0
            inner_last.next = sink_cmd.inner
            middle_last.next = sink_cmd.middle - 1
            outer_last.next = sink_cmd.outer - 1
            held_mode.next = sink_cmd.mode
            held_split.next = sink_cmd.split

    @always(clk.posedge)
    def ownership():
        if rst:
            busy.next = False
            bank.next = True
            used.next = 0
        else:
            if start:
                busy.next = True
                bank.next = not bank
            elif finish:
                busy.next = False
            if start and not give_back:
                used.next = used + 1
            elif give_back and not start:
                used.next = used - 1

    return position, handshake, acceptance, succession, take_command, outputs, observe, count, ownership
