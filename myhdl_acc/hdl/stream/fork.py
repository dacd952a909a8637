"""One stream to several consumers."""

from myhdl import Signal, always_comb, always_seq, block

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.wiring import matching_fields, vector, wire


@block
def fork_branch(clk, rst, sink, valid, next_word, wants, source):
    """One branch: offers the current word until this consumer has it, and remembers that it does."""
    taken = Signal(bool(0))

    @always_comb
    def handshake():
        source.valid.next = valid and not taken
        wants.next = not taken and not source.ready

    @always_seq(clk.posedge, reset=rst)
    def remember():
        if next_word:
            taken.next = False
        elif valid and source.ready:
            taken.next = True

    for d, q in matching_fields(sink, source):
        wire(d, q)


@entity
def stream_fork(clk, rst, sink, source):
    """Gives every word of ``sink`` to each stream of ``source``, each in its own time (SpinalHDL ``StreamFork``).

    source: an Array of one or more streams with the fields of ``sink``. Latency 0, a word per cycle while all are
    ready; no path is registered, but no ``valid`` depends on another branch's ``ready``. ``sink`` is ready once every
    consumer has the word or takes it in this cycle. (``fork`` alone is a reserved word of Verilog.)
    """
    branches = list(source)
    flags = [Signal(bool(0)) for _ in branches]
    wanting = vector(flags)
    valid = Signal(bool(0))
    next_word = Signal(bool(0))
    ready = Signal(bool(0))

    @always_comb
    def accept():
        ready.next = wanting == 0

    @always_comb
    def handshake():
        valid.next = sink.valid
        sink.ready.next = ready
        next_word.next = sink.valid and ready

    for flag, out in zip(flags, branches, strict=True):
        fork_branch(sink=sink, valid=valid, next_word=next_word, wants=flag, source=out)
