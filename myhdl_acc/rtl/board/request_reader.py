"""Finds the requests among the bytes that the line brings."""

from myhdl import Signal, always, always_comb, concat, intbv, modbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.rtl.board.check import next_check
from myhdl_acc.rtl.board.protocol import HEADER, SILENCE_BITS, SYNC, WRITE_MEMORY

#: Cycles from a request's last byte to the request, and from a word's second byte to the word.
LATENCY = 1

_SILENCE = (1 << SILENCE_BITS) - 1
_WAITS, _HEADER, _WORDS, _CHECK, _STANDS = range(5)


@entity
def request_reader(clk, rst, sink, source, source_word):
    """``sink``: bytes, which cannot wait: it is always ready. ``source``: request_stream, the requests with a right
    check. ``source_word``: word_write_stream, a WRITE_MEMORY's words as they come; the request itself comes behind
    them.

    LATENCY cycles, a byte per cycle. What comes while a request or a word stands is not heard. So a request that stands
    until it has been answered is alone; a byte must take longer than a word's way into memory. A request of which no
    byte comes for 2^SILENCE_BITS cycles is forgotten.
    """
    state = Signal(intbv(0)[3:])
    place = Signal(intbv(0, min=0, max=HEADER))  # within the header, within a check
    head = Signal(intbv(0)[8 * HEADER :])
    check, check_after = Signal(intbv(0)[16:]), Signal(intbv(0)[16:])
    silence = Signal(modbv(0)[SILENCE_BITS:])
    heard, right, upper, words_came, offered = (Signal(bool(0)) for _ in range(5))
    address, word = Signal(modbv(0)[len(source_word.address) :]), Signal(intbv(0)[16:])
    left = Signal(intbv(0)[32:])  # words that have not come
    next_check(check=check, byte=sink.data, after=check_after)

    @always_comb
    def hear():
        sink.ready.next = True
        heard.next = sink.valid and not offered
        right.next = check_after == 0

    @always_comb
    def show():
        source.valid.next = state == _STANDS
        source.operation.next = head[8:]
        source.address.next = head[40:8]
        source.value.next = head[72:40]
        source_word.valid.next = offered
        source_word.address.next = address
        source_word.data.next = word

    @always(clk.posedge)
    def count_silence():
        if heard or state == _WAITS:
            silence.next = 0
        else:
            silence.next = silence + 1

    @always(clk.posedge)
    def follow():
        if rst:
            state.next = _WAITS
        elif state == _WAITS:
            place.next = 0
            check.next = 0
            words_came.next = False
            if heard and sink.data == SYNC:
                state.next = _HEADER
        elif state == _STANDS:
            if source.ready:
                state.next = _WAITS
        elif heard:
            check.next = check_after
            if state == _HEADER:
                head.next = concat(sink.data, head[8 * HEADER : 8])
                if place == HEADER - 1:
                    place.next = 0
                    state.next = _CHECK
                else:
                    place.next = place + 1
            elif state == _WORDS:
                if upper and left == 1:
                    state.next = _CHECK
            elif place == 0:
                place.next = 1
            else:
                place.next = 0
                source.broken.next = not right
                if words_came or (right and head[8:] != WRITE_MEMORY):
                    state.next = _STANDS
                elif not right:
                    state.next = _WAITS
                else:
                    words_came.next = True
                    if head[72:40] != 0:
                        state.next = _WORDS
        elif silence == _SILENCE:
            state.next = _WAITS

    @always(clk.posedge)
    def take_words():
        if rst:
            offered.next = False
        elif state == _WORDS and heard:
            word.next = concat(sink.data, word[16:8])
            upper.next = not upper
            if upper:
                offered.next = True
                left.next = left - 1
        elif offered:
            if source_word.ready:
                offered.next = False
                address.next = address + 1
        elif state == _CHECK:
            upper.next = False
            left.next = head[72:40]
            address.next = head[len(address) + 9 : 9]
