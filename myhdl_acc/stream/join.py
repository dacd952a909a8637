"""Several streams to one, word by word."""

from myhdl import Signal, always_comb, block

from myhdl_acc.convert.entity import entity
from myhdl_acc.stream.wiring import require_same_type, unused, vector, wire


@block
def join_branch(everyone_valid, source_ready, sink, missing):
    """One branch: is taken in the cycle in which all are."""

    @always_comb
    def handshake():
        sink.ready.next = everyone_valid and source_ready
        missing.next = not sink.valid

    return handshake


@entity
def stream_join(clk, rst, sink, source):
    """Waits for a word on each stream of ``sink`` and passes them on as one (SpinalHDL ``StreamJoin``).

    sink: a Bundle of one or more streams whose field names are all different; source: a stream with the fields of
    all of them. Latency 0, a word per cycle, no register (``clk`` and ``rst`` are there as in every stream block).
    Raises ValueError where the fields do not match. (``join`` alone is a reserved word of Verilog.)
    """
    branches = list(sink)
    gathered = [item for branch in branches for item in branch.payload().items()]
    wanted = source.payload()
    if sorted(name for name, _ in gathered) != sorted(wanted):
        raise ValueError(
            f"a join of fields {[name for name, _ in gathered]} cannot give a stream with fields {list(wanted)}"
        )
    for name, signal in gathered:
        require_same_type(name, signal, wanted[name])
    flags = [Signal(bool(0)) for _ in branches]
    missing = vector(flags)
    valid = Signal(bool(0))
    unused(clk, rst)

    @always_comb
    def meet():
        valid.next = missing == 0

    @always_comb
    def offer():
        source.valid.next = valid

    return (
        meet,
        offer,
        [join_branch(valid, source.ready, branch, flag) for branch, flag in zip(branches, flags, strict=True)],
        [wire(signal, wanted[name]) for name, signal in gathered],
    )
