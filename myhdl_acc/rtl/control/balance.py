"""Whether a draft head is worth its time."""

from myhdl import Signal, always, always_comb, always_seq, concat, intbv

from golden.units.balance import COST_BITS, FIRST_INCOME, MOST, PASS
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record
from myhdl_acc.rtl.control.cache_view import TOKENS_LOG2

LATENCY = 2


def outcome():
    """A text begins (``clear``). A pass has chosen (``judge``), which ``tried`` drafts of the head; so many were
    ``accepted``."""
    return Record(clear=1, judge=1, tried=1, accepted=TOKENS_LOG2)


@entity(outputs=("tries",))
def balance(clk, rst, sink, cost, tries):
    """``tries``: the head is to make drafts for the next pass; golden Balance, with the register ``cost``.

    ``sink`` (outcome) tells something in every second cycle at most, and that drafts were tried only while ``tries``,
    which follows it LATENCY cycles later.
    """
    least, most_gain, fraction = 1 << COST_BITS, PASS << TOKENS_LOG2, PASS.bit_length() - 1
    given, gain = Signal(intbv(0)[TOKENS_LOG2 + fraction :]), Signal(intbv(0, min=-least, max=most_gain))
    value = Signal(intbv(MOST, min=-least, max=MOST + 1))
    income, paid = Signal(intbv(FIRST_INCOME, min=0, max=FIRST_INCOME + 1)), Signal(intbv(0, min=-least, max=MOST + 1))
    total = Signal(intbv(0, min=-2 * least, max=most_gain + MOST + 1))
    told = sink.only("clear", "judge", "tried").delay(1, reset=("clear", "judge"))

    @always_comb
    def show():
        tries.next = value >= 0
        total.next = value + gain
        given.next = concat(sink.accepted, intbv(0)[fraction:])

    @always_comb
    def pay():
        paid.next = 0
        if value < 0:
            paid.next = value + income

    @always(clk.posedge)
    def weigh():
        gain.next = given - cost

    @always_seq(clk.posedge, reset=rst)
    def keep():
        if told.clear or (told.judge and told.tried and total > MOST):
            value.next = MOST
            income.next = FIRST_INCOME
        elif told.judge and told.tried:
            value.next = total
        elif told.judge and value < 0:
            if paid < 0:
                value.next = paid
            else:
                value.next = 0
                if income != 1:
                    income.next = income >> 1
