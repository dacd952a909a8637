"""Brings the units back to a clean state while memory goes on."""

from myhdl import Signal, always_comb, always_seq, intbv

from myhdl_acc.hdl.convert.entity import entity

SETTLE = 8  #: cycles in a row in which no memory transaction may be open before the reset
PATIENCE = 65536  #: cycles after which the units are reset even so
PULSE = 16  #: cycles of reset

IDLE, HALT, RESET = range(3)


@entity(outputs=("halt", "resetting", "unit_reset"))
def soft_reset(clk, rst, request, transactions_open, halt, resetting, unit_reset):
    """After a pulse of ``request``: wait until no memory transaction is open, then ``unit_reset`` for PULSE cycles.

    ``halt``, high all that time, asks the memory units to begin no transaction; ``transactions_open`` is high while one
    is under way. It must be low for SETTLE cycles in a row, or PATIENCE cycles must have passed. ``resetting``: from
    the cycle after ``request`` to the last of ``unit_reset``, which is high during ``rst`` as well and registered.
    """
    state = Signal(intbv(0, min=0, max=3))
    waited = Signal(intbv(0, min=0, max=PATIENCE + 1))
    quiet = Signal(intbv(0, min=0, max=PULSE + 1))
    pulse = Signal(bool(1))

    @always_comb
    def show():
        halt.next = state != IDLE
        resetting.next = state != IDLE
        unit_reset.next = pulse

    @always_seq(clk.posedge, reset=rst)
    def step():
        pulse.next = False
        if state == IDLE:
            waited.next = 0
            quiet.next = 0
            if request:
                state.next = HALT
        elif state == HALT:
            waited.next = waited + 1
            if transactions_open:
                quiet.next = 0
            else:
                quiet.next = quiet + 1
            if quiet == SETTLE or waited == PATIENCE - 1:
                state.next = RESET
                quiet.next = 0
                pulse.next = True
        else:
            pulse.next = quiet != PULSE - 1
            quiet.next = quiet + 1
            if quiet == PULSE - 1:
                state.next = IDLE
