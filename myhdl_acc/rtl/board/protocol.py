"""What host and board say to each other: one table for the RTL, the driver and docs/bitstream.md.

A request is SYNC, the operation, ``address`` and ``value`` (32 bits each, the low byte first) and a check. WRITE_MEMORY
is followed by 2·``value`` bytes and a check of these. The answer is ANSWER, the operation, ``value``, after
READ_MEMORY 2·``value`` bytes, and a check. A check is CRC-16 (polynomial 0x1021, from 0) of what precedes it, without
the first byte, the high byte first. What is no request with a right check gets no answer.
"""

import binascii
import struct
import zlib

from myhdl_acc.rtl.control.isa import OPS
from myhdl_acc.rtl.control.register_map import registers

SYNC, ANSWER = 0xA5, 0x5A
#: ``value`` of an answer: what is at ``address``: of IDENTITY, of the registers; 0; the words that follow; 0 if the
#: check was right, else 1; 0, and from then on a bit takes 2^16/``value`` cycles.
IDENTIFY, READ_REGISTER, WRITE_REGISTER, READ_MEMORY, WRITE_MEMORY, SET_RATE = range(6)
#: What IDENTIFY tells, by address.
IDENTITY = ("magic", "fingerprint", "hz", "memory")
MAGIC = 0x4D594131  #: "MYA1": the protocol's first version
HEADER = 9  #: bytes of a request or an answer between the first byte and the check (an answer: 5)
RATE = 3_000_000  #: bits a second after a reset
SILENCE_BITS = 20  #: a request is forgotten when 2^20 cycles pass between two of its bytes


def fingerprint(config):
    """32 bits that tell configurations apart, and versions that differ in registers or instructions."""
    parts = [config.to_json(), repr(registers(config)), repr(OPS)]
    return zlib.crc32("\n".join(parts).encode())


def check(data):
    """The check of ``data``, two bytes."""
    return struct.pack(">H", binascii.crc_hqx(data, 0))


def request(operation, address=0, value=0):
    """A request without what follows it."""
    body = struct.pack("<BII", operation, address, value)
    return bytes([SYNC]) + body + check(body)
