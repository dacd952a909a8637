"""The dataflow library: streams and the blocks that connect them, in SpinalHDL's vocabulary (docs/streams.md)."""

from myhdl_acc.stream.arbiter import arbiter
from myhdl_acc.stream.conditional import halt_when
from myhdl_acc.stream.fifo import fifo
from myhdl_acc.stream.fork import stream_fork
from myhdl_acc.stream.half_pipe import half_pipe
from myhdl_acc.stream.m2s_pipe import m2s_pipe
from myhdl_acc.stream.s2m_pipe import s2m_pipe
from myhdl_acc.stream.stream import Array, Bundle, Record, Stream, signed, unsigned
from myhdl_acc.stream.width_converter import width_converter

__all__ = [
    "Array",
    "Bundle",
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
