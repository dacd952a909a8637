"""What the table of instructions says of the one in progress."""

from myhdl import Signal, always, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import bits, view
from myhdl_acc.hdl.wiring import wire
from myhdl_acc.rtl.control.isa import COMMON, FIELDS
from myhdl_acc.rtl.vector.unit.flags import FLAG_BITS, FLAGS
from myhdl_acc.rtl.vector.unit.instructions import INSTRUCTIONS


@entity(outputs=("now",))
def vector_decode(clk, rst, word, accept, now, lanes):
    """``now`` (instruction of records): the instruction that the last ``accept`` took from ``word`` (256).

    Latency 1, one instruction per cycle. Before the first ``accept`` ``now.latency`` is 0, so that nothing is taken for
    arrived; all else may be anything.
    """
    held, flags = Signal(intbv(0)[len(word) :]), Signal(intbv(0)[FLAG_BITS:])
    latency, prepare = Signal(now.latency.val), Signal(now.prepare.val)
    op = bits(word, *COMMON["op"])
    words, latencies, preparations = roms(lanes)

    @always(clk.posedge)
    def keep():
        if accept:
            held.next = word

    @always(clk.posedge)
    def look_up():
        if accept:
            flags.next = words[int(op)]

    @always(clk.posedge)
    def look_up_latency():
        if rst:
            latency.next = 0
        elif accept:
            latency.next = latencies[int(op)]

    @always(clk.posedge)
    def look_up_preparation():
        if accept:
            prepare.next = preparations[int(op)]

    fields = now.only(*(name for name in now.members() if name not in ("flags", "latency", "prepare")))
    view(held, FIELDS["vector"] | COMMON, like=fields) >> fields
    view(flags, FLAGS) >> now.flags
    wire(latency, now.latency)
    wire(prepare, now.prepare)


def roms(lanes):
    """Flags, latencies and cycles of preparation: an entry for every code that the field can have."""
    rows = INSTRUCTIONS.values()
    unused_codes = (0,) * ((1 << COMMON["op"][1]) - len(rows))
    columns = zip(*((row.word(), row.latency_with(lanes), row.prepare) for row in rows), strict=True)
    return tuple(column + unused_codes for column in columns)
