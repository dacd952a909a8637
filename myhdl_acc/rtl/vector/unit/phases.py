"""The phases of an instruction, one after the other."""

from myhdl import Signal, always, always_comb, intbv, modbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.wiring import wire
from myhdl_acc.rtl.vector.arith import rope_angle
from myhdl_acc.rtl.vector.arith.butterfly import latency as butterfly_latency
from myhdl_acc.rtl.vector.unit import draw_control
from myhdl_acc.rtl.vector.unit.flags import NOTHING, PEAK, SCALES, TOKEN

#: PREPARE: scales come; RUN: indices are issued; FLUSH: the last values arrive; REDUCE: one or two statistics go
#: over the columns; COLUMNS: registers shift through them; DRAIN: gathered levels leave; PAD: a beat of
#: logits is filled; ANGLE: cosine and sine come; FINISH: what is made is kept.
IDLE, PREPARE, RUN, FLUSH, REDUCE, COLUMNS, DRAIN, PAD, ANGLE, FINISH = range(10)


def reduced(lanes):
    """Cycles from REDUCE's first one until the statistic over all columns is to be kept. A second one follows."""
    return 1 + butterfly_latency(lanes)


def token_wait(lanes):
    """Cycles in REDUCE until the token is known."""
    return butterfly_latency(lanes) + 3


def draw_wait(config):
    """The same where logits get noise."""
    return token_wait(config.lanes) + draw_control.wait(config.rows)


@entity(outputs=("phase", "cycle"))
def phases(clk, rst, accept, now, seen, draws, phase, cycle, config):
    """``phase`` of the instruction ``now`` that the last ``accept`` took; ``cycle``: its number of cycles in this
    phase, modulo 256.

    ``seen`` ends phases: ``none_left`` and ``block_end`` RUN, ``settled`` FLUSH, ``drained`` DRAIN, ``whole_beats``
    PAD, ``shifted`` COLUMNS; the others last a number of cycles. A phase lasts a cycle at least. ``draws``: logits get
    noise, so that the token is known later.
    """
    state, following = Signal(intbv(0)[4:]), Signal(intbv(0)[4:])
    count = Signal(modbv(0)[8:])
    flags = now.flags
    lanes = config.lanes
    one, two, longest_angle = reduced(lanes), reduced(lanes) + 1, rope_angle.LATENCY
    longest_token, longest_draw = token_wait(lanes), draw_wait(config)
    wire(state, phase)
    wire(count, cycle)

    @always_comb
    def decide():
        following.next = state
        if state == IDLE:
            if accept:
                following.next = PREPARE
        elif state == PREPARE:
            if count == now.prepare:
                if flags.makes_angle:
                    following.next = ANGLE
                elif flags.selects:
                    following.next = COLUMNS
                else:
                    following.next = RUN
        elif state == RUN:
            if seen.block_end or seen.none_left:
                following.next = FLUSH
        elif state == FLUSH:
            if seen.settled:
                if flags.push_byte and flags.step:
                    following.next = DRAIN
                elif flags.after == TOKEN and not seen.whole_beats:
                    following.next = PAD
                elif flags.after == PEAK or (now.last and flags.after != NOTHING):
                    following.next = REDUCE
                else:
                    following.next = FINISH
        elif state == DRAIN:
            if seen.drained:
                if seen.none_left:
                    following.next = FINISH
                else:
                    following.next = RUN
        elif state == PAD:
            if seen.whole_beats:
                if now.last:
                    following.next = REDUCE
                else:
                    following.next = FINISH
        elif state == REDUCE:
            if flags.after == TOKEN:
                if (count == longest_token and not draws) or count == longest_draw:
                    following.next = FINISH
            elif flags.after == PEAK:
                if count == one:
                    following.next = FINISH
            elif count == two:
                if flags.after == SCALES:
                    following.next = COLUMNS
                else:
                    following.next = FINISH
        elif state == COLUMNS:
            if seen.shifted:
                following.next = FINISH
        elif state == ANGLE:
            if count == longest_angle:
                following.next = FINISH
        else:
            following.next = IDLE

    @always(clk.posedge)
    def step():
        if rst:
            state.next = IDLE
        else:
            state.next = following
        if following == state:
            count.next = count + 1
        else:
            count.next = 0
