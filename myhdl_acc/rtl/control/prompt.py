"""The tokens of a pass: of the prompt while there are any, then the one that was chosen."""

from myhdl import Signal, always, always_comb, always_seq, block, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.stream import Stream, width_converter
from myhdl_acc.rtl.control.cache_view import TOKENS_LOG2

TOKEN_BITS = 32


@entity(outputs=("tokens", "done", "left", "waiting"))
def prompt(clk, rst, sink, clear, stop, length, take, last, chosen, tokens, done, left, waiting, config):
    """``tokens``: an Array of a token (32) for each row. A pulse of ``take`` puts the next ``last`` + 1 of the ``length``
    (32) tokens of ``sink`` (Stream(word=256), eight to a word) into the first rows, one a cycle as they come; when none
    is ``waiting``, ``chosen`` into row 0, one cycle later. ``done`` is high with the last one's arrival.

    ``clear``: a prompt of ``length`` tokens begins; ``stop``: none waits any more. ``left``: tokens that wait, at least 1: there is always one that
    was chosen. What comes after the last token is thrown away.
    """
    words, one = Stream(data=len(sink.word)), Stream(data=TOKEN_BITS)
    missing = Signal(intbv(0)[32:])
    place, want = (Signal(intbv(0)[TOKENS_LOG2:]) for _ in range(2))
    busy, some, arrives, at_end = (Signal(bool(0)) for _ in range(4))
    given = Signal(intbv(0)[TOKEN_BITS:])
    width_converter(sink=words, source=one)

    @always_comb
    def connect():
        words.valid.next = sink.valid
        words.data.next = sink.word
        sink.ready.next = words.ready

    @always_comb
    def offer():
        some.next = missing != 0
        waiting.next = missing != 0
        if missing == 0:
            left.next = 1
        else:
            left.next = missing

    @always_comb
    def choose():
        arrives.next = busy and (one.valid or not some)
        one.ready.next = busy or not some
        if some:
            given.next = one.data
        else:
            given.next = chosen

    @always_comb
    def finish():
        at_end.next = place == want
        done.next = arrives and place == want

    @always_seq(clk.posedge, reset=rst)
    def fill():
        if stop:
            busy.next = False
        elif take:
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
        if stop:
            missing.next = 0
        elif clear:
            missing.next = length
        elif arrives and some:
            missing.next = missing - 1

    for row, token in enumerate(tokens):
        keep(arrives=arrives, place=place, row=row, given=given, token=token)


@block
def keep(clk, arrives, place, row, given, token):
    @always(clk.posedge)
    def store():
        if arrives and place == row:
            token.next = given
