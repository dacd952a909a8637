"""Decides, beat by beat, what a lane does: the loop nest of an operation."""

from myhdl import Signal, always, always_comb, always_seq, block, concat, intbv, modbv

from golden.units.patch import NO_PATCH, PATCH_KEY, PATCH_VALUE
from golden.units.sequencer import SCALE_PERIOD
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record
from myhdl_acc.hdl.wiring import unused
from myhdl_acc.rtl.engine.acceptance import acceptance, succession
from myhdl_acc.rtl.engine.command import META, PV, W2, W4
from myhdl_acc.rtl.engine.records import ADDRESS

#: What a lane did in a cycle (its ``state``).
NO_COMMAND, BEAT, NO_BEAT, NO_OPERAND, NO_BANK = range(5)
STATES = ("no_command", "beat", "no_beat", "no_operand", "no_bank")


@entity(outputs=("start", "in_parameters", "decision", "next_slice", "free", "state"))
def sequencer(
    clk, rst, sink_cmd, sink_beat, operands, give_back, start, in_parameters, decision, next_slice, free, state
):
    """Accept ``params`` parameter beats and then beats for ``outer`` × ``middle`` × ``inner`` steps of a command (none
    for META), then go on with the next one without a pause. If it says ``more``, its sums are no results: the next one
    adds to them, in the same bank.

    A command begins (``start``) when one of the two banks of results is free: at most two commands are begun and not
    yet given back by ``give_back``, those that add to another's sums apart. A beat of ``sink_beat`` (no payload) is
    accepted unless it begins a slice and ``operands.slice`` is low, or the command patches and its buffer was not
    filled a cycle ago (``operands.key``, ``.value``) or there is no ``operands.room`` for a patched beat. ``free.key``
    or ``free.value`` pulses with the last beat of a command that releases that buffer. In w4 every 17th beat, from the
    first on, is a scale beat. The ``decision`` about an accepted beat is valid in the same cycle: latency 0.
    ``in_parameters`` says whether the next beat is one of parameters before it is accepted.
    ``next_slice`` is neither if the next command has not come, or is META. ``state``: one of STATES; every cycle of
    a lane is exactly one of them (NO_OPERAND: the slice, the buffer or the room is missing). The records: see
    records.
    """
    unused(sink_cmd.heads_log2, sink_cmd.slot, sink_cmd.tokens, sink_cmd.base, sink_cmd.skip)
    bank, bank_free, busy, may, waiting, launch, finish = (Signal(bool(0)) for _ in range(7))
    more, adds = Signal(bool(0)), Signal(bool(0))  # of the latest command, and of the one before
    used = Signal(intbv(0)[2:])
    step = Record(weights=1, scales=1, parameters=1, swap=1)  # what is accepted now
    held = Record(mode=3, meta=1, patch=2, patches=1, split=1, release=1)  # of the command
    place = Record(
        outer=len(sink_cmd.outer),
        middle=len(decision.control) - ADDRESS,
        inner=2,
        number=len(decision.number),
        in_parameters=1,
        new_slice=1,
        last_slice=1,
        at_scale=1,
        until_scale=5,
        outer_last=modbv(0)[len(sink_cmd.outer) :],
    )
    begin, end = Record(outer=1, inner=1), Record(outer=1, middle=1, inner=1, parameters=1)
    last, go, result, claim = (Signal(bool(0)) for _ in range(4))
    acceptance(
        may=may,
        beat=sink_beat.valid,
        operands=operands.only("slice", "room"),
        held=held.only("meta", "patches"),
        place=place.only("in_parameters", "new_slice", "at_scale"),
        last=last,
        go=go,
        step=step,
        finish=finish,
    )
    succession(busy=busy, finish=finish, waiting=waiting, launch=launch)
    loop_nest(launch=launch, command=sink_cmd, step=step, held=held, place=place, end=end)
    slice_owner(command=sink_cmd, busy=busy, step=step, held=held, place=place, owner=next_slice)
    patch_gate(
        command=sink_cmd, launch=launch, busy=busy, finish=finish, held=held, key=operands.key, value=operands.value,
        may=may,
    )  # fmt: skip

    @always_comb
    def position():
        begin.outer.next = place.outer == 0 and not adds
        begin.inner.next = place.inner == 0

    @always_comb
    def ends():
        if held.meta:
            last.next = end.parameters
            result.next = step.parameters and end.parameters
        else:
            last.next = end.inner and end.middle and end.outer
            result.next = step.weights and end.inner and end.outer and not more
        bank_free.next = more or used != 2 or give_back

    @always_comb
    def take_command():
        waiting.next = sink_cmd.valid and bank_free
        sink_cmd.ready.next = bank_free and (finish or not busy)
        claim.next = launch and not more

    @always_comb
    def decide():
        start.next = launch
        sink_beat.ready.next = go
        in_parameters.next = place.in_parameters
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

    ``held``: the command's mode, whether it is META, patch, whether it patches, split, release. ``place``: the counts
    of its loops and of its parameters, the beats before the next scale beat, and whether the next beat begins a slice
    (``new_slice``), meets the command's last one (``last_slice``) or is a scale beat (``at_scale``): registers, as all
    that a lane does depends on these. ``end``: each count is at its last, registers too.
    """
    last = Record(middle=len(place.middle), inner=2, number=len(place.number))
    following = Record(
        outer=modbv(0)[len(place.outer) :], middle=modbv(0)[len(place.middle) :], inner=modbv(0)[2:],
        number=modbv(0)[len(place.number) :],
    )  # fmt: skip
    at_last, carry = Record(slice=1, outer=1), Record(middle=1, outer=1)
    carries(weights=step.weights, end=end.only("inner", "middle"), carry=carry)

    @always_comb
    def next_counts():
        following.outer.next = place.outer + 1
        following.middle.next = place.middle + 1
        following.inner.next = place.inner + 1
        following.number.next = place.number + 1

    @always_comb
    def next_ends():
        at_last.outer.next = following.outer == place.outer_last
        if held.mode == PV:
            at_last.slice.next = (following.outer >> 1) == (place.outer_last >> 1)
        else:
            at_last.slice.next = following.outer == place.outer_last

    @always(clk.posedge)
    def count():
        if step.parameters:
            if end.parameters:
                place.in_parameters.next = False
            else:
                place.number.next = following.number
                end.parameters.next = following.number == last.number
        if step.weights:
            place.new_slice.next = end.inner and end.middle and not (held.mode == PV and not place.outer[0])
            if held.mode == W4:
                place.until_scale.next = place.until_scale - 1
                place.at_scale.next = place.until_scale == 1
            if not end.inner:
                place.inner.next = following.inner
                end.inner.next = following.inner == last.inner
            else:
                place.inner.next = 0
                end.inner.next = last.inner == 0
        if carry.middle:
            if not end.middle:
                place.middle.next = following.middle
                end.middle.next = following.middle == last.middle
            else:
                place.middle.next = 0
                end.middle.next = last.middle == 0
        if carry.outer:
            place.outer.next = following.outer
            place.last_slice.next = at_last.slice
            end.outer.next = at_last.outer
        if step.scales:
            place.until_scale.next = SCALE_PERIOD
            place.at_scale.next = False
        if launch:
            place.until_scale.next = 0
            place.at_scale.next = command.mode == W4
            place.new_slice.next = True
            place.last_slice.next = command.outer == 1 or (command.mode == PV and command.outer == 2)
            place.inner.next = 0
            place.middle.next = 0
            place.outer.next = 0
            place.number.next = 0
            end.inner.next = command.inner == 0
            end.middle.next = command.middle == 1
            end.outer.next = command.outer == 1
            end.parameters.next = command.params == 1
            last.inner.next = command.inner
            last.middle.next = command.middle - 1
            # A meta command has no outer count: its last one means nothing.
            place.outer_last.next = command.outer - 1
            place.in_parameters.next = command.params != 0
            if command.params != 0:
                last.number.next = command.params - 1
            held.mode.next = command.mode
            held.meta.next = command.mode == META
            held.split.next = command.split
            held.patch.next = command.patch
            held.patches.next = command.patch != NO_PATCH
            held.release.next = command.release


@entity(outputs=("carry",))
def carries(weights, end, carry):
    """Which loops go on with a beat of ``weights``, as those inside are at their ``end``. Latency 0, and an entity as
    acceptance is."""

    @always_comb
    def find():
        carry.middle.next = weights and end.inner
        carry.outer.next = weights and end.inner and end.middle


@block
def patch_gate(clk, rst, command, launch, busy, finish, held, key, value, may):
    """``may``: a command is begun, and the ``key`` or ``value`` that it patches with was there a cycle ago: a register,
    as all that a lane does begins with it. What the command before gives back is not there for the one after it."""
    key_stays, value_stays = Signal(bool(0)), Signal(bool(0))

    @always_comb
    def look():
        key_stays.next = key and not (busy and held.release and held.patch == PATCH_KEY)
        value_stays.next = value and not (busy and held.release and held.patch == PATCH_VALUE)

    @always_seq(clk.posedge, reset=rst)
    def decide():
        if launch:
            may.next = (
                command.patch == NO_PATCH
                or (command.patch == PATCH_KEY and key_stays)
                or (command.patch == PATCH_VALUE and value_stays)
            )
        else:
            may.next = (
                busy
                and not finish
                and (
                    held.patch == NO_PATCH or (held.patch == PATCH_KEY and key) or (held.patch == PATCH_VALUE and value)
                )
            )


@block
def slice_owner(command, busy, step, held, place, owner):
    """Who loads the slice after the one in use, or if none is, the next one."""
    own, following = Record(from_local=1, from_chain=1), Record(valid=command.valid, mode=command.mode)
    another, last = Signal(bool(0)), Signal(bool(0))
    owner_after(swap=step.swap, another=another, last=last, own=own, following=following, owner=owner)

    @always_comb
    def slices():
        another.next = busy and not held.meta and not place.last_slice
        last.next = busy and not held.meta and place.new_slice

    @always_comb
    def owners():
        own.from_local.next = held.mode == PV
        own.from_chain.next = held.mode != PV


@entity(outputs=("owner",))
def owner_after(swap, another, last, own, following, owner):
    """The ``own`` command's while there is ``another`` slice behind the one in use, or it waits for its ``last`` one;
    with the ``swap`` that begins this it is that of the ``following`` command, if it is there (``valid``) and of a
    ``mode`` with slices. Latency 0, and an entity as acceptance is."""

    @always_comb
    def choose():
        if another or (last and not swap):
            owner.from_local.next = own.from_local
            owner.from_chain.next = own.from_chain
        else:
            owner.from_local.next = following.valid and following.mode == PV
            owner.from_chain.next = following.valid and following.mode != PV and following.mode != META
