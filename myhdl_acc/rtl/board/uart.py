"""Bytes on a serial line: a start bit, eight bits with the lowest first, a stop bit."""

from myhdl import Signal, always, always_comb, concat, intbv, modbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.delay import delay

#: Bits of ``step``: a bit takes 2^STEP_BITS / ``step`` cycles.
STEP_BITS = 16
#: Bits of a byte on the line.
_FRAME = 10
_HALF = 1 << STEP_BITS - 1


def step_of(bits_per_second, hz):
    """``step`` for a line's rate and a clock, rounded. Raises ValueError where a bit has fewer than four cycles."""
    step = round((bits_per_second << STEP_BITS) / hz)
    if not 0 < step <= 1 << STEP_BITS - 2:
        raise ValueError(f"{bits_per_second} bits a second are not possible at {hz} Hz")
    return step


@entity(outputs=("received",))
def uart_receiver(clk, rst, line, step, received):
    """``received.valid`` pulses with each byte ``received.data`` that ``line`` brought, in the middle of its stop bit.

    A byte without a stop bit is none. ``step``: STEP_BITS bits.
    """
    seen = Signal(bool(1))
    phase = Signal(modbv(0)[STEP_BITS:])
    ahead = Signal(intbv(0)[STEP_BITS + 1 :])
    place = Signal(intbv(0, min=0, max=_FRAME))
    busy = Signal(bool(0))
    delay(d=line, q=seen, stages=2)

    @always_comb
    def add():
        ahead.next = phase + step

    @always(clk.posedge)
    def follow():
        received.valid.next = False
        if rst:
            busy.next = False
        elif not busy:
            # Half a bit, so that bits are looked at in their middle.
            phase.next = _HALF
            place.next = 0
            busy.next = not seen
        else:
            phase.next = ahead[STEP_BITS:]
            if ahead[STEP_BITS]:
                if place == 0:
                    busy.next = not seen
                    place.next = 1
                elif place == _FRAME - 1:
                    busy.next = False
                    received.valid.next = seen
                else:
                    received.data.next = concat(seen, received.data[8:1])
                    place.next = place + 1


@entity(outputs=("line",))
def uart_transmitter(clk, rst, sink, step, line):
    """Sends the bytes of ``sink`` (Stream(data=8)) on ``line``, which is high between them. ``step``: STEP_BITS."""
    word = Signal(intbv(0)[_FRAME:])
    phase = Signal(modbv(0)[STEP_BITS:])
    ahead = Signal(intbv(0)[STEP_BITS + 1 :])
    left = Signal(intbv(0, min=0, max=_FRAME + 1))

    @always_comb
    def add():
        ahead.next = phase + step
        sink.ready.next = left == 0

    @always(clk.posedge)
    def send():
        if rst:
            left.next = 0
            line.next = True
        elif left == 0:
            line.next = True
            phase.next = 0
            if sink.valid:
                word.next = concat(True, sink.data, False)
                left.next = _FRAME
                line.next = False
        else:
            phase.next = ahead[STEP_BITS:]
            line.next = word[0]
            if ahead[STEP_BITS]:
                word.next = concat(True, word[_FRAME:1])
                left.next = left - 1
                line.next = word[1]
