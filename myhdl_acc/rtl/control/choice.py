"""What follows a pass: the token that was chosen, and whether there is another pass."""

from myhdl import Signal, always_comb, always_seq, block, intbv, modbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record
from myhdl_acc.hdl.wiring import choose_of, vector
from myhdl_acc.rtl.control.register_map import END_TOKENS

#: Cycles from ``ask`` to ``answer``.
LATENCY = 2

IDLE, COMPARE, GIVE = range(3)


def request_of(arguments):
    """What of a request says when it ends: of the Record ``arguments``."""
    return arguments.only("choices", "stop", "end_tokens", *(f"end_{n}" for n in range(END_TOKENS)))


def chosen_record():
    """The run's latest ``token``, and the ``count`` of all."""
    return Record(count=32, token=32)


@entity(outputs=("chosen", "answer", "another"))
def choice(clk, rst, clear, ask, passed, request, token, source, chosen, answer, another):
    """What follows a pass, at a pulse of ``ask`` at its end.

    If it ``passed`` with ``logits``, the token of its last ``row`` (4) of ``token`` (Array of 32) is chosen and given
    to ``source`` (Stream(index=32, token=32)). ``answer`` pulses once that has taken it, or if there is none to take;
    LATENCY cycles after ``ask`` at the earliest. ``passed`` stays as it is until then.

    ``another``, with ``answer``: there is another pass, as tokens of the prompt are ``passed.waiting`` or the token
    ends nothing. It is none of the first ``end_tokens`` that the ``request`` (request_of) names, and fewer than
    ``choices`` were made. Nor is there one if the host has set ``stop``. ``chosen``: chosen_record, since ``clear``.
    """
    state = Signal(intbv(0, min=0, max=3))
    last, given = Signal(intbv(0)[32:]), Signal(intbv(0)[32:])
    count, following = Signal(modbv(0)[32:]), Signal(modbv(0)[32:])
    hits = [Signal(bool(0)) for _ in range(END_TOKENS)]
    hit = vector(hits)
    more, ends = Signal(bool(0)), Signal(bool(0))
    choose_of(code=passed.row, values=list(token), q=given)
    for n, flag in enumerate(hits):
        is_end(token=last, end=getattr(request, f"end_{n}"), count=request.end_tokens, number=n, flag=flag)

    @always_comb
    def judge():
        following.next = count + 1
        ends.next = hit != 0

    @always_comb
    def give():
        source.valid.next = state == GIVE and passed.logits
        source.index.next = count
        source.token.next = last
        answer.next = state == GIVE and (source.ready or not passed.logits)
        another.next = more
        chosen.count.next = count
        chosen.token.next = last

    @always_seq(clk.posedge, reset=rst)
    def step():
        if state == IDLE:
            if ask:
                state.next = COMPARE
                last.next = given
        elif state == COMPARE:
            state.next = GIVE
            if passed.logits:
                more.next = not ends and following != request.choices and not request.stop[0]
            else:
                more.next = passed.waiting and not request.stop[0]
        elif source.ready or not passed.logits:
            state.next = IDLE

    @always_seq(clk.posedge, reset=rst)
    def counter():
        if clear:
            count.next = 0
        elif state == GIVE and passed.logits and source.ready:
            count.next = following


@block
def is_end(token, end, count, number, flag):
    @always_comb
    def compare():
        flag.next = token == end and count > number
