"""Program fetch shares lane 0's read port."""

from myhdl_acc.convert.entity import entity
from myhdl_acc.memory.axi_read import OUTSTANDING
from myhdl_acc.memory.axi_read_mux import axi_read_mux
from myhdl_acc.memory.prefetch import prefetch
from myhdl_acc.stream.stream import Array

#: Beats of program that are read ahead, and bursts under way; 8 beats to a burst.
DEPTH, BURSTS = 16, 4


@entity(outputs=("idle", "error"))
def program_memory(clk, rst, sink_command, source_beat, sink_ar, source_r, source_ar, sink_r, base, idle, error):
    """A second reader on lane 0's port: stands between lane_memory's ``source_ar``, ``sink_r`` and the port.

    sink_command → source_beat: the program, see prefetch. sink_ar, source_r: the lane's; source_ar, sink_r: the port.
    The program's requests go first. Since both readers ask only for what they have room for, neither stalls R.
    Latency for the lane: 1 cycle for AR, 0 for R.
    """
    own_ar, own_r = sink_ar.like(), source_r.like()
    prefetch(
        sink_command=sink_command,
        source_ar=own_ar,
        sink_r=own_r,
        source_beat=source_beat,
        base=base,
        idle=idle,
        error=error,
        depth=DEPTH,
        outstanding=BURSTS,
    )
    axi_read_mux(
        sink_ar=Array("ch", [sink_ar, own_ar]),
        source_r=Array("ch", [source_r, own_r]),
        source_ar=source_ar,
        sink_r=sink_r,
        outstanding=OUTSTANDING + BURSTS,
    )
