"""The dataflow library: streams and the blocks that connect them, in SpinalHDL's vocabulary (docs/streams.md)."""

from myhdl_acc.stream.add_last import add_last
from myhdl_acc.stream.arbiter import arbiter
from myhdl_acc.stream.conditional import halt_when, take_when, throw_when
from myhdl_acc.stream.demux import demux
from myhdl_acc.stream.fifo import fifo
from myhdl_acc.stream.fork import stream_fork
from myhdl_acc.stream.half_pipe import half_pipe
from myhdl_acc.stream.join import stream_join
from myhdl_acc.stream.m2s_pipe import m2s_pipe
from myhdl_acc.stream.mux import mux
from myhdl_acc.stream.s2m_pipe import s2m_pipe
from myhdl_acc.stream.stream import Bundle, Stream, signed, unsigned
from myhdl_acc.stream.width_converter import width_converter

__all__ = [
    "Bundle",
    "Stream",
    "add_last",
    "arbiter",
    "demux",
    "fifo",
    "half_pipe",
    "halt_when",
    "m2s_pipe",
    "mux",
    "s2m_pipe",
    "signed",
    "stream_fork",
    "stream_join",
    "take_when",
    "throw_when",
    "unsigned",
    "width_converter",
]
