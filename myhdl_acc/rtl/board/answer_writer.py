"""Makes bytes of an answer."""

from myhdl import Signal, always, always_comb, concat, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.rtl.board.check import next_check
from myhdl_acc.rtl.board.protocol import ANSWER

#: Bytes before the words, and all bytes but these.
_HEAD, _ALL = 6, 8


@entity
def answer_writer(clk, rst, sink, sink_byte, source):
    """``sink``: answer_stream; ``sink_byte``: the bytes of its words, Stream(data=8, last=1); ``source``: byte_stream,
    the answer with its check.

    Latency 0, a byte per cycle. An answer stands until its last byte is taken.
    """
    place = Signal(intbv(0, min=0, max=_ALL))
    in_words = Signal(bool(0))
    check, check_after = Signal(intbv(0)[16:]), Signal(intbv(0)[16:])
    shown, moves = Signal(intbv(0)[8:]), source.fire()
    next_check(check=check, byte=shown, after=check_after)

    @always_comb
    def choose():
        if in_words:
            shown.next = sink_byte.data
        elif place == 0:
            shown.next = ANSWER
        elif place == 1:
            shown.next = sink.operation
        elif place == 2:
            shown.next = sink.value[8:]
        elif place == 3:
            shown.next = sink.value[16:8]
        elif place == 4:
            shown.next = sink.value[24:16]
        elif place == 5:
            shown.next = sink.value[32:24]
        else:
            shown.next = check[16:8]

    @always_comb
    def handshake():
        source.valid.next = sink.valid and (sink_byte.valid or not in_words)
        source.data.next = shown
        sink_byte.ready.next = source.ready and in_words
        sink.ready.next = moves and place == _ALL - 1

    @always(clk.posedge)
    def step_on():
        if rst:
            place.next = 0
            in_words.next = False
        elif moves:
            if in_words:
                in_words.next = not sink_byte.last
            elif place == _ALL - 1:
                place.next = 0
            else:
                place.next = place + 1
                in_words.next = sink.words and place == _HEAD - 1

    @always(clk.posedge)
    def follow_check():
        if moves:
            if place == 0:
                check.next = 0
            elif in_words or place < _HEAD:
                check.next = check_after
            else:
                check.next = concat(check[8:], intbv(0)[8:])
