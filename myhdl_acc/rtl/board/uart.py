"""Bytes on a serial line: a start bit, eight bits with the lowest first, a stop bit."""

from myhdl import Signal, always, always_comb, concat, intbv, modbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.delay import delay
from myhdl_acc.hdl.wiring import unused

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


@entity
def uart_receiver(clk, rst, line, step, source):
    """``source`` (Stream(data=8)): each byte that ``line`` brought, up to five cycles behind the middle of its stop
    bit. It must be taken at once: a line cannot wait. ``step``: STEP_BITS bits.

    Bytes may follow each other without a pause. With 16 cycles a bit or more the line's rate may be 3 % off. A byte
    without a stop bit is none, and less than half a bit is no start bit.
    """
    seen = Signal(bool(1))
    phase = Signal(modbv(0)[STEP_BITS:])
    ahead = Signal(intbv(0)[STEP_BITS + 1 :])
    place = Signal(intbv(0, min=0, max=_FRAME))
    busy = Signal(bool(0))
    delay(d=line, q=seen, stages=2)
    unused(source.ready)

    @always_comb
    def add():
        ahead.next = phase + step

    @always(clk.posedge)
    def follow():
        source.valid.next = False
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
                    source.valid.next = seen
                else:
                    source.data.next = concat(seen, source.data[8:1])
                    place.next = place + 1


@entity(outputs=("line",))
def uart_transmitter(clk, rst, sink, step, line):
    """Sends the bytes of ``sink`` (Stream(data=8)) on ``line``, which is high between them. ``step``: STEP_BITS bits.

    The start bit begins a cycle after the byte's transfer; a byte every ten bits and a cycle.
    """
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
