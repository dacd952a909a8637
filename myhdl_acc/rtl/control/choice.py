"""What follows a pass: the tokens that were chosen, and whether there is another pass."""

from myhdl import Signal, always_comb, always_seq, block, intbv, modbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record
from myhdl_acc.hdl.wiring import choose_of, vector
from myhdl_acc.rtl.control.cache_view import TOKENS_LOG2
from myhdl_acc.rtl.control.register_map import END_TOKENS

#: Cycles from ``ask`` to ``answer``, if one row chooses. Each of the others takes one more.
LATENCY = 2

IDLE, COMPARE, GIVE, NEXT = range(4)


def request_of(arguments):
    """What of a request says when it ends: of the Record ``arguments``."""
    return arguments.only("choices", "stop", "end_tokens", *(f"end_{n}" for n in range(END_TOKENS)))


def passed_record():
    """A pass ended with ``logits``; its rows ``first`` to ``last`` choose, in a ``batch`` all of them. Tokens of the
    prompt are ``waiting``. Its drafts were made ``by_head``."""
    return Record(first=TOKENS_LOG2, last=TOKENS_LOG2, logits=1, waiting=1, batch=1, by_head=1)


def chosen_record():
    """The run's latest ``token``, the ``row`` that chose it, the ``count`` of all. ``noted`` pulses with every token
    that the model has taken or will take, but in a batch."""
    return Record(count=32, token=32, row=TOKENS_LOG2, noted=1)


@entity(outputs=("chosen", "answer", "another"))
def choice(clk, rst, clear, ask, passed, request, token, tried, source, chosen, answer, another):
    """What follows a pass, at a pulse of ``ask`` at its end.

    If it ``passed`` (passed_record) with logits, the token of its first row of ``token`` (Array of 32) is chosen and
    given to ``source`` (walk's entry_stream). So is the next row's, if that row ``tried`` (Array of 32) what was
    chosen; ``place`` counts these from 0. ``answer`` pulses once that has taken all, or if there are none to
    take; LATENCY cycles after ``ask`` at the earliest. ``passed`` and ``tried`` stay as they are from the cycle before
    ``ask`` until then.

    ``another``, with ``answer``: there is another pass, as tokens of the prompt are ``passed.waiting`` or the token
    ends nothing. It is none of the first ``end_tokens`` that the ``request`` (request_of) names, and fewer than
    ``choices`` were made. In a ``batch`` that is judged of every row's. Nor is there one if the host has set ``stop``.
    ``chosen``: chosen_record, since ``clear``.
    """
    state, place = Signal(intbv(0, min=0, max=4)), Signal(intbv(0)[TOKENS_LOG2:])
    row, following_row = Signal(intbv(0)[TOKENS_LOG2:]), Signal(modbv(0)[TOKENS_LOG2:])
    next_tried, goes_on = Signal(intbv(0)[32:]), Signal(bool(0))
    last, given = Signal(intbv(0)[32:]), Signal(intbv(0)[32:])
    count, following = Signal(modbv(0)[32:]), Signal(modbv(0)[32:])
    hits = [Signal(bool(0)) for _ in range(END_TOKENS)]
    hit = vector(hits)
    more, over, is_last, is_first = (Signal(bool(0)) for _ in range(4))
    choose_of(code=row, values=list(token), q=given)
    # Behind the last row there is none that could go on.
    first, *others = tried
    choose_of(code=row, values=[*others, first], q=next_tried)
    for n, flag in enumerate(hits):
        is_end(token=last, end=getattr(request, f"end_{n}"), count=request.end_tokens, number=n, flag=flag)

    @always_comb
    def judge():
        following.next = count + 1
        following_row.next = row + 1
        over.next = hit != 0 or following == request.choices
        is_first.next = row == passed.first
        is_last.next = row == passed.last

    @always_comb
    def give():
        source.valid.next = state == GIVE and passed.logits
        source.index.next = count
        source.token.next = last
        source.place.next = place
        source.by_head.next = passed.by_head
        answer.next = state == GIVE and ((source.ready and not goes_on) or not passed.logits)
        another.next = more
        chosen.noted.next = state == GIVE and source.ready and passed.logits and (more or goes_on) and not passed.batch
        chosen.count.next = count
        chosen.token.next = last
        chosen.row.next = row

    @always_seq(clk.posedge, reset=rst)
    def step():
        if state == IDLE:
            place.next = 0
            row.next = passed.first
            if ask:
                state.next = COMPARE
                last.next = given
        elif state == NEXT:
            state.next = COMPARE
            last.next = given
        elif state == COMPARE:
            state.next = GIVE
            goes_on.next = False
            if passed.logits:
                more.next = not over and not request.stop[0] and (more or is_first or not passed.batch)
                if not is_last:
                    goes_on.next = passed.batch or (not over and next_tried == last)
            else:
                more.next = passed.waiting and not request.stop[0]
        elif passed.logits and source.ready and goes_on:
            row.next = following_row
            place.next = place + 1
            state.next = NEXT
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
