"""The dataflow library: streams and the blocks that connect them, in SpinalHDL's vocabulary (docs/streams.md)."""

from myhdl_acc.hdl.stream.arbiter import arbiter
from myhdl_acc.hdl.stream.conditional import halt_when
from myhdl_acc.hdl.stream.fifo import fifo
from myhdl_acc.hdl.stream.fork import stream_fork
from myhdl_acc.hdl.stream.half_pipe import half_pipe
from myhdl_acc.hdl.stream.m2s_pipe import m2s_pipe
from myhdl_acc.hdl.stream.s2m_pipe import s2m_pipe
from myhdl_acc.hdl.stream.stream import Array, Record, Stream, signed, unsigned
from myhdl_acc.hdl.stream.width_converter import width_converter

__all__ = [
    "Array",
    "Record",
    "Stream",
    "arbiter",
    "fifo",
    "half_pipe",
    "halt_when",
    "m2s_pipe",
    "s2m_pipe",
    "signed",
    "stream_fork",
    "unsigned",
    "width_converter",
]
