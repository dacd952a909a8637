"""The AXI channels of a memory port as streams, and the streams between the memory units.

Signals that never change (size, burst type, ID, cache, protection, strobes: whole beats only) are added where the
kernel is packaged. One ID, so responses come in the order of the requests.
"""

from myhdl_acc.hdl.record import Record
from myhdl_acc.hdl.stream.stream import Stream

OKAY, SLVERR, DECERR = 0, 2, 3  #: response codes

#: Bytes that no burst may cross a multiple of.
PAGE = 4096


def request_channel():
    """AR or AW: ``address`` in bytes, ``length`` is the number of beats minus one."""
    return Stream(address=64, length=8)


def read_channel(beat_bits):
    """R."""
    return Stream(data=beat_bits, resp=2, last=1)


def write_channel(beat_bits):
    """W; every byte of a beat is written."""
    return Stream(data=beat_bits, last=1)


def response_channel():
    """B."""
    return Stream(resp=2)


def read_port(beat_bits):
    """AR and R as a master has them."""
    return Record(source_ar=request_channel(), sink_r=read_channel(beat_bits))


def write_port(beat_bits):
    """AW, W and B as a master has them."""
    return Record(source_aw=request_channel(), source_w=write_channel(beat_bits), sink_b=response_channel())


def status():
    """Of a reader or writer: ``idle``; ``error``, its first response code that was not OKAY, until reset."""
    return Record(idle=1, error=2)


def read_command_stream():
    """What a reader is told: ``beats`` beats from beat address ``address`` on."""
    return Stream(address=32, beats=32)


def beat_shift(beat_bits):
    """log2 of the bytes of a beat."""
    return (beat_bits // 8).bit_length() - 1
