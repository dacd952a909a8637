"""Program fetch shares lane 0's read port."""

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Array
from myhdl_acc.rtl.memory.axi_read import OUTSTANDING
from myhdl_acc.rtl.memory.axi_read_mux import axi_read_mux
from myhdl_acc.rtl.memory.channels import read_port
from myhdl_acc.rtl.memory.prefetch import prefetch

#: Beats of program that are read ahead, and bursts under way; 8 beats to a burst.
DEPTH, BURSTS = 16, 4


@entity(outputs=("status",))
def program_memory(clk, rst, sink_command, source_beat, client, port, base, status):
    """A second reader on lane 0's port: stands between lane_memory and the port.

    sink_command → source_beat: the program, see prefetch. ``client``: the other end of the lane's channels.read_port;
    ``port``: the port's own. The program's requests go first. Since both readers ask only for what they have room for,
    neither stalls R. Latency for the lane: 1 cycle for AR, 0 for R.
    """
    own = read_port(len(source_beat.data))
    prefetch(
        sink_command=sink_command,
        port=own,
        source_beat=source_beat,
        base=base,
        status=status,
        depth=DEPTH,
        outstanding=BURSTS,
    )
    axi_read_mux(
        sink_ar=Array("ch", [client.sink_ar, own.source_ar]),
        source_r=Array("ch", [client.source_r, own.sink_r]),
        source_ar=port.source_ar,
        sink_r=port.sink_r,
        outstanding=OUTSTANDING + BURSTS,
    )
