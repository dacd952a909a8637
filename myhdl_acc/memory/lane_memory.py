"""The memory side of one lane: what it reads, ahead of time, and what it writes."""

from myhdl_acc.convert.entity import entity
from myhdl_acc.memory.axi_write import axi_writer
from myhdl_acc.memory.prefetch import prefetch
from myhdl_acc.stream.arbiter import arbiter
from myhdl_acc.stream.conditional import halt_when
from myhdl_acc.stream.stream import Array


@entity(outputs=("read_idle", "write_idle", "read_error", "write_error"))
def lane_memory(
    clk,
    rst,
    sink_command,
    source_beat,
    sink_patch,
    sink_logits,
    source_ar,
    sink_r,
    source_aw,
    source_w,
    sink_b,
    base,
    halt,
    read_idle,
    write_idle,
    read_error,
    write_error,
    config,
):
    """A prefetch of ``config.prefetch`` beats and a writer for two sources, on one pseudo-channel at ``base``.

    sink_command → source_beat: see prefetch. sink_patch, sink_logits (address in beats, data): see axi_writer; they
    take turns beat by beat where both write, and wait while ``halt`` is high. ``write_idle`` says nothing about a beat
    that is still offered at a sink.
    """
    both, gated = sink_patch.like(), sink_patch.like()
    prefetch(
        sink_command=sink_command,
        source_ar=source_ar,
        sink_r=sink_r,
        source_beat=source_beat,
        base=base,
        idle=read_idle,
        error=read_error,
        depth=config.prefetch,
    )
    arbiter(sink=Array("ch", [sink_patch, sink_logits]), source=both)
    halt_when(sink=both, source=gated, condition=halt)
    axi_writer(
        sink_beat=gated,
        source_aw=source_aw,
        source_w=source_w,
        sink_b=sink_b,
        base=base,
        idle=write_idle,
        error=write_error,
    )
