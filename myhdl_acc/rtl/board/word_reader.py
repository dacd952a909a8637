"""Reads words of memory, one behind the other."""

from myhdl import Signal, always, always_comb, intbv, modbv

from myhdl_acc.hdl.convert.entity import entity

#: Cycles from a request to its first command, from a word of memory to the source, and from there to the next command.
LATENCY = 1


@entity
def word_reader(clk, rst, sink, source_command, sink_word, source):
    """``sink``: word_read_stream; ``source_command``: Stream(address), a word's; ``sink_word``: what memory answers,
    Stream(data=16); ``source``: word_stream, the words of all requests in order.

    The next word is asked for when the one before has left. So memory's words never wait: ``sink_word`` is always
    ready. LATENCY cycles for each step; a word takes three besides memory's own.
    """
    address = Signal(modbv(0)[len(sink.address) :])
    left = Signal(intbv(0)[32:])
    asks, held = Signal(bool(0)), Signal(bool(0))

    @always_comb
    def handshake():
        sink.ready.next = left == 0
        source_command.valid.next = asks
        source_command.address.next = address
        sink_word.ready.next = True
        source.valid.next = held
        source.last.next = left == 1

    @always(clk.posedge)
    def follow():
        if rst:
            left.next = 0
            asks.next = False
            held.next = False
        elif left == 0:
            if sink.valid:
                address.next = sink.address
                left.next = sink.count
                asks.next = sink.count != 0
        elif asks:
            asks.next = not source_command.ready
        elif held:
            if source.ready:
                held.next = False
                address.next = address + 1
                left.next = left - 1
                asks.next = left != 1
        elif sink_word.valid:
            held.next = True
            source.data.next = sink_word.data
