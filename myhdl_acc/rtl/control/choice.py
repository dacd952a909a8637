"""What follows a pass: the token that was chosen, and whether there is another pass."""

from myhdl import Signal, always_comb, always_seq, block, intbv, modbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.wiring import choose_of, vector
from myhdl_acc.rtl.control.register_map import END_TOKENS

#: Cycles from ``ask`` to ``answer``.
LATENCY = 2

IDLE, COMPARE, GIVE = range(3)


@entity(outputs=("chosen", "answer", "another"))
def choice(clk, rst, clear, ask, row, logits, waiting, request, token, source, chosen, answer, another):
    """A pulse of ``ask`` at a pass's end: take the token of ``row`` (4) of ``token`` (Array of 32) if the pass ended
    with ``logits``, give it to ``source`` (Stream(index=32, token=32)), and ``answer`` with a pulse once that has taken
    it, LATENCY cycles later at the earliest.

    ``another``: there is another pass: tokens of the prompt are ``waiting``, or the token ends nothing: it is none of the
    request's ``end_tokens``, fewer than ``choices`` were made, and the host has not set ``stop``. ``chosen.count`` and
    ``chosen.token`` are those of the run since ``clear``.
    """
    state = Signal(intbv(0, min=0, max=3))
    last, given = Signal(intbv(0)[32:]), Signal(intbv(0)[32:])
    count, following = Signal(modbv(0)[32:]), Signal(modbv(0)[32:])
    hits = [Signal(bool(0)) for _ in range(END_TOKENS)]
    hit = vector(hits)
    more, ends = Signal(bool(0)), Signal(bool(0))
    choose_of(code=row, values=list(token), q=given)
    for n, flag in enumerate(hits):
        is_end(token=last, end=getattr(request, f"end_{n}"), count=request.end_tokens, number=n, flag=flag)

    @always_comb
    def judge():
        following.next = count + 1
        ends.next = hit != 0

    @always_comb
    def give():
        source.valid.next = state == GIVE and logits
        source.index.next = count
        source.token.next = last
        answer.next = state == GIVE and (source.ready or not logits)
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
            if logits:
                more.next = not ends and following != request.choices and not request.stop[0]
            else:
                more.next = waiting and not request.stop[0]
        elif source.ready or not logits:
            state.next = IDLE

    @always_seq(clk.posedge, reset=rst)
    def counter():
        if clear:
            count.next = 0
        elif state == GIVE and logits and source.ready:
            count.next = following


@block
def is_end(token, end, count, number, flag):
    @always_comb
    def compare():
        flag.next = token == end and count > number
