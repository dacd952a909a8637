"""Whether drafts are worth their rows."""

from myhdl import Signal, always_comb, always_seq, intbv

from golden.units.confidence import FIRST_PAUSE, LAST_PAUSE, PATIENCE
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record


def judgement():
    """A text begins (``clear``). A pass has chosen (``judge``), which ``tried`` drafts of the kind; the first of them
    was ``right``."""
    return Record(clear=1, judge=1, tried=1, right=1)


@entity(outputs=("tries",))
def confidence(clk, rst, sink, tries):
    """``tries``: the next pass is to try drafts of a kind; golden Confidence.

    ``sink`` (judgement) may tell something in every cycle; ``tries`` follows it in the next one.
    """
    wrong = Signal(intbv(0, min=0, max=PATIENCE))
    pause, left = (Signal(intbv(value, min=0, max=LAST_PAUSE + 1)) for value in (FIRST_PAUSE, 0))

    @always_comb
    def show():
        tries.next = left == 0

    @always_seq(clk.posedge, reset=rst)
    def keep():
        if sink.clear or (sink.judge and sink.tried and sink.right):
            wrong.next = 0
            pause.next = FIRST_PAUSE
            left.next = 0
        elif sink.judge and sink.tried:
            if wrong != PATIENCE - 1:
                wrong.next = wrong + 1
            else:
                left.next = pause
                if pause != LAST_PAUSE:
                    pause.next = pause << 1
        elif sink.judge and left != 0:
            left.next = left - 1
