"""The memory side of one lane: what it reads, ahead of time, and what it writes."""

from myhdl import always_comb

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.rtl.memory.axi_write import axi_writer
from myhdl_acc.rtl.memory.prefetch import prefetch


@entity(outputs=("status",))
def lane_memory(clk, rst, sink_command, source_beat, sink_patch, sink_logits, port, base, halt, status, config):
    """A prefetch of ``config.prefetch`` beats and a writer for two sources, on one pseudo-channel at ``base``.

    sink_command → source_beat: see prefetch. sink_patch, sink_logits (address in beats, data): see axi_writer; they
    take turns beat by beat where both write, and wait while ``halt`` is high. ``port``: a channels.read_port ``read``
    and a write_port ``write``; ``status``: their channels.status. ``status.write.idle`` says nothing about a beat that
    is still offered at a sink.
    """
    prefetch(
        sink_command=sink_command,
        port=port.read,
        source_beat=source_beat,
        base=base,
        status=status.read,
        depth=config.prefetch,
    )
    # There is much logic between the sources' queues and here, and as much from here to the port and back.
    # A beat that has been let in is written even so.
    beats = sink_patch.arbitrate(sink_logits).halt_when(halt).m2s_pipe()
    writer = status.write.like()
    axi_writer(sink_beat=beats, port=port.write, base=base, status=writer)

    @always_comb
    def tell():
        status.write.idle.next = writer.idle and not beats.valid
        status.write.error.next = writer.error
