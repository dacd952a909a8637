"""Access runs ahead of execute: a reader and the queue that it fills."""

from myhdl import always_comb

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.stream.fifo import fifo
from myhdl_acc.hdl.stream.stream import Stream
from myhdl_acc.hdl.wiring import unused
from myhdl_acc.rtl.memory.axi_read import OUTSTANDING, axi_reader


def burst_beats(depth):
    """Beats of the longest burst with ``depth`` places in the queue: 64, or what still lets two be under way."""
    return min(64, 1 << ((depth // 2).bit_length() - 1))


@entity(outputs=("status",))
def prefetch(clk, rst, sink_command, port, source_beat, base, status, depth, outstanding=OUTSTANDING):
    """The beats of all commands in order, read as far ahead as ``depth`` beats of room allow (4 or more).

    Ports as axi_reader; the queue is a ``fifo``, so a beat is at ``source_beat`` 3 cycles after its R transfer (1 up to
    a depth of 32), a beat per cycle. R never stalls: what has been requested has a place. ``source_beat`` may stall.
    """
    data = source_beat.like()
    queued = Stream(**data.payload())
    unused(queued.ready)
    axi_reader(
        # All lanes' readers get a command together, and each has logic behind it.
        sink_command=sink_command.s2m_pipe().m2s_pipe(),
        port=port,
        source_beat=data,
        base=base,
        taken=source_beat.fire(),
        status=status,
        depth=depth,
        burst=burst_beats(depth),
        outstanding=outstanding,
    )
    fifo(sink=queued, source=source_beat, depth=depth)

    @always_comb
    def take():
        data.ready.next = True
        queued.valid.next = data.valid
