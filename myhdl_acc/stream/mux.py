"""One of several streams, word by word, by a stream of selections."""

from myhdl import Signal, always_comb, block

from myhdl_acc.convert.entity import entity
from myhdl_acc.stream.wiring import choose_payload, equals, unused, vector


@block
def mux_branch(chosen, selected, source_ready, sink, offered):
    """One input: takes part while it is selected."""

    @always_comb
    def handshake():
        sink.ready.next = chosen and selected and source_ready
        offered.next = chosen and sink.valid

    return handshake


@entity
def mux(clk, rst, sink, sink_select, source):
    """Each word of ``sink_select`` passes one word of the selected stream (SpinalHDL ``StreamMux``).

    sink: a Bundle of one or more streams with the fields of ``source``. sink_select: a stream with one unsigned field
    ``index``; a word of it is used up by the word it lets pass, so the selection cannot change under an offered word.
    An index beyond the last stream never lets anything pass. Latency 0, a word per cycle, no register.
    """
    branches = list(sink)
    chosen = [Signal(bool(0)) for _ in branches]
    offered = [Signal(bool(0)) for _ in branches]
    offers = vector(offered)
    any_offer = Signal(bool(0))
    unused(clk, rst)

    @always_comb
    def detect():
        any_offer.next = offers != 0

    @always_comb
    def handshake():
        source.valid.next = sink_select.valid and any_offer
        sink_select.ready.next = any_offer and source.ready

    return (
        detect,
        handshake,
        [equals(sink_select.index, position, flag) for position, flag in enumerate(chosen)],
        [
            mux_branch(flag, sink_select.valid, source.ready, branch, offer)
            for flag, branch, offer in zip(chosen, branches, offered, strict=True)
        ],
        choose_payload(chosen, branches, source),
    )
