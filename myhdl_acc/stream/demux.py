"""One stream to one of several, word by word, by a stream of selections."""

from myhdl import Signal, always_comb, block

from myhdl_acc.convert.entity import entity
from myhdl_acc.stream.wiring import equals, matching_fields, unused, vector, wire


@block
def demux_branch(chosen, offered, sink, source, taken):
    """One output: offers the word while it is selected."""

    @always_comb
    def handshake():
        source.valid.next = offered and chosen
        taken.next = source.ready and chosen

    return handshake, [wire(d, q) for d, q in matching_fields(sink, source)]


@entity
def demux(clk, rst, sink, sink_select, source):
    """Each word of ``sink`` goes to the stream that a word of ``sink_select`` names (SpinalHDL ``StreamDemux``).

    source: a Bundle of one or more streams with the fields of ``sink``. sink_select: a stream with one unsigned field
    ``index``; a word of it is used up by the word it steers. An index beyond the last stream never lets anything
    pass. Latency 0, a word per cycle, no register.
    """
    branches = list(source)
    chosen = [Signal(bool(0)) for _ in branches]
    taken = [Signal(bool(0)) for _ in branches]
    takers = vector(taken)
    offered = Signal(bool(0))
    any_taker = Signal(bool(0))
    unused(clk, rst)

    @always_comb
    def detect():
        any_taker.next = takers != 0

    @always_comb
    def handshake():
        offered.next = sink.valid and sink_select.valid
        sink.ready.next = any_taker and sink_select.valid
        sink_select.ready.next = any_taker and sink.valid

    return (
        detect,
        handshake,
        [equals(sink_select.index, position, flag) for position, flag in enumerate(chosen)],
        [
            demux_branch(flag, offered, sink, branch, take)
            for flag, branch, take in zip(chosen, branches, taken, strict=True)
        ],
    )
