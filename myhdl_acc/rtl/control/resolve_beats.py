"""The resolver's last part: the beats of an operation."""

from myhdl import Signal, always_comb, block, intbv

from myhdl_acc.hdl.record import Record, view
from myhdl_acc.rtl.control.isa import FIELDS
from myhdl_acc.rtl.control.resolve_fields import EXECUTED_BITS, ends

_PLACES = {name: FIELDS["engine"][name] for name in ("middle", "params")}
_BEATS_END, _BEATS = ends("engine", "beats")


@block
def resolve_beats(clk, rst, sink, source):
    """sink: summed_record; source: Record(valid=1, word=EXECUTED_BITS). Latency 1, a word per cycle."""
    new = view(sink.word, _PLACES)
    found = Record(valid=1, word=EXECUTED_BITS, product=len(sink.blocks) + len(new.middle))
    beats = Signal(intbv(0)[_BEATS_END - _BEATS :])

    @always_comb
    def multiply():
        found.valid.next = sink.valid
        found.product.next = sink.blocks * new.middle

    @always_comb
    def write():
        found.word.next = sink.word
        if sink.qk:
            found.word.next[_BEATS_END:_BEATS] = new.params + new.middle

    late = found.delay(1, reset=("valid",))

    @always_comb
    def choose():
        beats.next = late.word[_BEATS_END:_BEATS] | late.product

    @always_comb
    def join():
        source.valid.next = late.valid
        source.word.next = late.word
        source.word.next[_BEATS_END:_BEATS] = beats
