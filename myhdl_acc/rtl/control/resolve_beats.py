"""The resolver's last part: the beats of an operation."""

from myhdl import Signal, always_comb, block, intbv

from myhdl_acc.hdl.record import view
from myhdl_acc.hdl.stream import Stream
from myhdl_acc.rtl.control.isa import FIELDS
from myhdl_acc.rtl.control.resolve_fields import EXECUTED_BITS, ends

_PLACES = {name: FIELDS["engine"][name] for name in ("middle", "params")}
_BEATS_END, _BEATS = ends("engine", "beats")


@block
def resolve_beats(clk, rst, sink, source):
    """sink: summed_stream; source: Stream(word=256). Latency 1, a word per cycle."""
    new = view(sink.word, _PLACES)
    bits = len(sink.blocks) + len(new.middle)
    found = Stream(word=EXECUTED_BITS, product=bits)
    late = found.like()
    beats = Signal(intbv(0)[_BEATS_END - _BEATS :])

    @always_comb
    def handshake():
        found.valid.next = sink.valid
        sink.ready.next = found.ready

    @always_comb
    def multiply():
        found.product.next = sink.blocks * new.middle

    @always_comb
    def write():
        found.word.next = sink.word
        if sink.qk:
            found.word.next[_BEATS_END:_BEATS] = new.params + new.middle

    found.m2s_pipe() >> late

    @always_comb
    def offer():
        source.valid.next = late.valid
        late.ready.next = source.ready
        beats.next = late.word[_BEATS_END:_BEATS] | late.product

    @always_comb
    def join():
        source.word.next = late.word
        source.word.next[_BEATS_END:_BEATS] = beats
