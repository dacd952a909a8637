"""Decides, beat by beat, what a lane does: the loop nest of an operation."""

from myhdl import Signal, always, always_comb, block, concat, intbv, modbv

from golden.units.patch import NO_PATCH, PATCH_KEY, PATCH_VALUE
from golden.units.sequencer import SCALE_PERIOD
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record
from myhdl_acc.hdl.wiring import unused
from myhdl_acc.rtl.engine.command import META, PV, W2, W4
from myhdl_acc.rtl.engine.records import ADDRESS

#: What a lane did in a cycle (its ``state``).
NO_COMMAND, BEAT, NO_BEAT, NO_OPERAND, NO_BANK = range(5)
STATES = ("no_command", "beat", "no_beat", "no_operand", "no_bank")


@entity(outputs=("start", "decision", "next_slice", "free", "state"))
def sequencer(clk, rst, sink_cmd, sink_beat, operands, give_back, start, decision, next_slice, free, state):
    """Accept ``params`` parameter beats and then beats for ``outer`` × ``middle`` × ``inner`` steps of a command (none
    for META), then go on with the next one without a pause. If it says ``more``, its sums are no results: the next one
    adds to them, in the same bank.

    A command begins (``start``) when one of the two banks of results is free: at most two commands are begun and not
    yet given back by ``give_back``, those that add to another's sums apart. A beat of ``sink_beat`` (no payload) is
    accepted unless it begins a slice and ``operands.slice`` is low, or the command patches and its buffer is not filled
    (``operands.key``, ``.value``) or there is no ``operands.room`` for a patched beat. ``free.key`` or
    ``free.value`` pulses with the last beat of a command that releases that buffer. In w4 every 17th beat, from the
    first on, is a scale beat. The ``decision`` about an accepted beat is valid in the same cycle: latency 0.
    ``next_slice`` is neither if the next command has not come, or is META. ``state``: one of STATES; every cycle of
    a lane is exactly one of them (NO_OPERAND: the slice, the buffer or the room is missing). The records: see
    records.
    """
    unused(sink_cmd.heads_log2, sink_cmd.slot, sink_cmd.tokens, sink_cmd.base, sink_cmd.skip)
    bank, bank_free, busy, launch, finish = (Signal(bool(0)) for _ in range(5))
    more, adds = Signal(bool(0)), Signal(bool(0))  # of the latest command, and of the one before
    used = Signal(intbv(0)[2:])
    step = Record(weights=1, scales=1, parameters=1, swap=1)  # what is accepted now
    held = Record(mode=3, patch=2, split=1, release=1)  # of the command
    place = Record(
        outer=len(sink_cmd.outer),
        middle=len(decision.control) - ADDRESS,
        inner=2,
        number=len(decision.number),
        in_parameters=1,
        until_scale=5,
        outer_last=modbv(0)[len(sink_cmd.outer) :],
    )
    begin, end = Record(outer=1, inner=1), Record(outer=1, middle=1, inner=1, parameters=1)
    new_slice, is_scale, patch_ready, go, result, claim = (Signal(bool(0)) for _ in range(6))
    loop_nest(launch=launch, command=sink_cmd, step=step, held=held, place=place, end=end)
    slice_owner(
        command=sink_cmd, busy=busy, new_slice=new_slice, step=step, held=held, place=place, end=end, owner=next_slice
    )

    @always_comb
    def position():
        new_slice.next = place.middle == 0 and place.inner == 0 and not (held.mode == PV and place.outer[0])
        is_scale.next = held.mode == W4 and place.until_scale == 0
        begin.outer.next = place.outer == 0 and not adds
        begin.inner.next = place.inner == 0

    @always_comb
    def patching():
        if held.patch == NO_PATCH:
            patch_ready.next = True
        elif held.patch == PATCH_KEY:
            patch_ready.next = operands.key and operands.room
        else:
            patch_ready.next = operands.value and operands.room

    @always_comb
    def handshake():
        go.next = busy and patch_ready and (place.in_parameters or not new_slice or operands.slice)

    @always_comb
    def acceptance():
        sink_beat.ready.next = go
        step.parameters.next = go and sink_beat.valid and place.in_parameters
        step.weights.next = go and sink_beat.valid and not place.in_parameters and not is_scale
        step.scales.next = go and sink_beat.valid and not place.in_parameters and is_scale
        step.swap.next = go and sink_beat.valid and not place.in_parameters and not is_scale and new_slice

    @always_comb
    def succession():
        if held.mode == META:
            finish.next = step.parameters and end.parameters
            result.next = step.parameters and end.parameters
        else:
            finish.next = step.weights and end.inner and end.middle and end.outer
            result.next = step.weights and end.inner and end.outer and not more
        bank_free.next = more or used != 2 or give_back

    @always_comb
    def take_command():
        sink_cmd.ready.next = bank_free and (finish or not busy)
        launch.next = sink_cmd.valid and bank_free and (finish or not busy)
        claim.next = sink_cmd.valid and bank_free and (finish or not busy) and not more

    @always_comb
    def decide():
        start.next = launch
        decision.weights.next = step.weights
        decision.scales.next = step.scales
        decision.parameters.next = step.parameters
        decision.swap.next = step.swap
        decision.mode.next = held.mode
        decision.split.next = held.split
        decision.number.next = place.number
        decision.outer.next = place.outer
        if held.mode == PV:
            decision.phase.next = place.outer[2:] & 1
        elif held.mode == W2:
            decision.phase.next = 0
        else:
            decision.phase.next = place.inner
        decision.control.next = concat(place.middle, result, bank, begin.outer, end.inner, begin.inner, step.weights)

    @always_comb
    def releases():
        free.key.next = finish and held.release and held.patch == PATCH_KEY
        free.value.next = finish and held.release and held.patch == PATCH_VALUE

    @always_comb
    def observe():
        if step.weights or step.scales or step.parameters:
            state.next = BEAT
        elif busy:
            if sink_beat.valid:
                state.next = NO_OPERAND
            else:
                state.next = NO_BEAT
        elif sink_cmd.valid and not bank_free:
            state.next = NO_BANK
        else:
            state.next = NO_COMMAND

    @always(clk.posedge)
    def ownership():
        if rst:
            busy.next = False
            bank.next = True
            used.next = 0
            more.next = False
            adds.next = False
        else:
            if launch:
                busy.next = True
                more.next = sink_cmd.more
                adds.next = more
            elif finish:
                busy.next = False
            if claim:
                bank.next = not bank
            if claim and not give_back:
                used.next = used + 1
            elif give_back and not claim:
                used.next = used - 1


@block
def loop_nest(clk, launch, command, step, held, place, end):
    """With ``launch`` takes what a ``command`` says; counts a beat further with each ``step``.

    ``held``: the command's mode, patch, split and release. ``place``: the counts of its loops and of its parameters,
    and the beats before the next scale beat. ``end``: each count is at its last.
    """
    last = Record(middle=len(place.middle), inner=2, number=len(place.number))

    @always_comb
    def ends():
        end.parameters.next = place.number == last.number
        end.inner.next = place.inner == last.inner
        end.middle.next = place.middle == last.middle
        end.outer.next = place.outer == place.outer_last

    @always(clk.posedge)
    def count():
        if step.parameters:
            if end.parameters:
                place.in_parameters.next = False
            else:
                place.number.next = place.number + 1
        elif step.weights:
            if held.mode == W4:
                place.until_scale.next = place.until_scale - 1
            if not end.inner:
                place.inner.next = place.inner + 1
            else:
                place.inner.next = 0
                if not end.middle:
                    place.middle.next = place.middle + 1
                else:
                    place.middle.next = 0
                    place.outer.next = place.outer + 1
        elif step.scales:
            place.until_scale.next = SCALE_PERIOD
        if launch:
            place.until_scale.next = 0
            place.inner.next = 0
            place.middle.next = 0
            place.outer.next = 0
            place.number.next = 0
            last.inner.next = command.inner
            last.middle.next = command.middle - 1
            # A meta command has no outer count: its last one means nothing.
            place.outer_last.next = command.outer - 1
            place.in_parameters.next = command.params != 0
            if command.params != 0:
                last.number.next = command.params - 1
            held.mode.next = command.mode
            held.split.next = command.split
            held.patch.next = command.patch
            held.release.next = command.release


@block
def slice_owner(command, busy, new_slice, step, held, place, end, owner):
    """Who loads the slice after the one in use, or if none is, the next one."""
    last_slice, more = Signal(bool(0)), Signal(bool(0))
    mode = Signal(intbv(0)[3:])

    @always_comb
    def slices():
        last_slice.next = end.outer or (held.mode == PV and (place.outer >> 1) == (place.outer_last >> 1))
        more.next = busy and held.mode != META and not (last_slice and (step.swap or not new_slice))

    @always_comb
    def of_mode():
        if more:
            mode.next = held.mode
        else:
            mode.next = command.mode

    @always_comb
    def origin():
        owner.from_local.next = (more or command.valid) and mode == PV
        owner.from_chain.next = (more or command.valid) and mode != PV and mode != META
