"""The rate of the serial line."""

from myhdl import Signal, always, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.wiring import unused
from myhdl_acc.rtl.board.protocol import SET_RATE


@entity(outputs=("step",))
def line_rate(clk, rst, request, answered, idle, first_step, step):
    """``step``, see uart: ``first_step`` after a reset; after a ``request`` SET_RATE the lower bits of its ``value``.

    ``request``: the ``operation`` and ``value`` of the request whose answer's last byte goes to the line when
    ``answered`` is high; ``idle``: no byte is on the line. The new rate is there a cycle after the first
    idle one behind ``answered``: the whole answer has the old one.
    """
    wanted, changes = Signal(intbv(0)[len(step) :]), Signal(bool(0))
    unused(request.value)

    @always(clk.posedge)
    def follow():
        if rst:
            step.next = first_step
            changes.next = False
        else:
            if changes and idle:
                step.next = wanted
                changes.next = False
            if answered:
                wanted.next = request.value[len(step) :]
                changes.next = request.operation == SET_RATE
