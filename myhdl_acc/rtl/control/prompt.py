"""The tokens of a pass: of the prompt while there are any, then the one that was chosen, and drafts."""

from myhdl import ResetSignal, Signal, always, always_comb, always_seq, block, intbv

from golden.machine.request import CHOSEN
from myhdl_acc.hdl.circuit import domain
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record
from myhdl_acc.hdl.stream import Stream
from myhdl_acc.hdl.wiring import choose_of
from myhdl_acc.rtl.control.cache_view import TOKENS_LOG2

TOKEN_BITS = 32


def prompt_orders():
    """Pulses: a prompt's tokens ``begin`` to come; ``stop``: none waits any more; ``take`` those of a pass."""
    return Record(begin=1, stop=1, take=1)


def prompt_state():
    """The pass's tokens are there with ``done``. Some of the prompt are ``waiting``. ``left``: how many of a sequence
    wait, or one that was chosen and the drafts. With ``fed`` a token of the prompt goes into the pass: ``token``."""
    return Record(done=1, waiting=1, left=32, fed=1, token=TOKEN_BITS)


@entity(outputs=("tokens", "state"))
def prompt(clk, rst, sink, orders, length, last, chosen, own, tokens, state, config):
    """``tokens``: an Array of a token (32) for each row: those of the prompt, then the one that was chosen, and drafts.

    ``orders`` (prompt_orders): after ``begin`` the ``length`` (32) tokens of a prompt come at ``sink``
    (Stream(word=256)), eight to a word. ``take`` puts the next ``last`` + 1 of them into the first rows, one a cycle as
    they come. If none is waiting, it puts ``chosen`` into row 0, a cycle later, and ``own.drafts`` (``count`` of them,
    an Array ``tokens``) into those behind it. In an ``own.batch`` a row gets its own of ``own.latest`` (Array of 32)
    then, and where the prompt has golden's CHOSEN. ``state`` (prompt_state): ``done`` pulses with the last one's
    arrival. What comes after the prompt's last token, or after ``stop``, is thrown away.
    """
    flush = ResetSignal(0, active=1, isasync=False)
    words = Stream(data=len(sink.word))
    missing = Signal(intbv(0)[32:])
    place, want = (Signal(intbv(0)[TOKENS_LOG2:]) for _ in range(2))
    busy, some, arrives, at_end = (Signal(bool(0)) for _ in range(4))
    given, tried, latest = (Signal(intbv(0)[TOKEN_BITS:]) for _ in range(3))
    choose_of(code=place, values=[chosen, *own.drafts.tokens], q=tried)
    choose_of(code=place, values=list(own.latest), q=latest)
    with domain(rst=flush):
        one = words.convert_width(data=TOKEN_BITS)

    @always_comb
    def again():
        flush.next = rst or orders.stop

    @always_comb
    def connect():
        words.valid.next = sink.valid
        words.data.next = sink.word
        sink.ready.next = words.ready

    @always_comb
    def offer():
        state.waiting.next = some
        if own.batch:
            state.left.next = 1
        elif not some:
            state.left.next = own.drafts.count + 1
        else:
            state.left.next = missing

    @always_comb
    def choose():
        arrives.next = busy and (one.valid or not some)
        one.ready.next = busy or not some
        if own.batch and (not some or one.data == CHOSEN):
            given.next = latest
        elif some:
            given.next = one.data
        else:
            given.next = tried

    @always_comb
    def feed():
        state.fed.next = arrives and some
        state.token.next = one.data

    @always_comb
    def finish():
        at_end.next = place == want
        state.done.next = arrives and place == want

    @always_seq(clk.posedge, reset=rst)
    def fill():
        if orders.stop:
            busy.next = False
        elif orders.take:
            busy.next = True
            place.next = 0
            want.next = last
        elif arrives:
            if at_end:
                busy.next = False
            else:
                place.next = place + 1

    @always_seq(clk.posedge, reset=rst)
    def account():
        if orders.stop:
            missing.next = 0
            some.next = False
        elif orders.begin:
            missing.next = length
            some.next = length != 0
        elif arrives and some:
            missing.next = missing - 1
            some.next = missing != 1

    for row, token in enumerate(tokens):
        keep(arrives=arrives, place=place, row=row, given=given, token=token)


@block
def keep(clk, arrives, place, row, given, token):
    @always(clk.posedge)
    def store():
        if arrives and place == row:
            token.next = given
