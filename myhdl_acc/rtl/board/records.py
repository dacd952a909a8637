"""What the blocks of the link tell each other, and the board around it, as streams and records."""

from myhdl_acc.hdl.record import Record
from myhdl_acc.hdl.stream.stream import Stream
from myhdl_acc.rtl.board.protocol import IDENTITY
from myhdl_acc.rtl.control.register_map import ADDRESS_BITS


def host_port(address_bits):
    """LiteDRAM's native port as the link has it: a word of 16 bits at a time, at word addresses.

    A write's word is offered with its command; it is taken some cycles after that. Words that are read cannot wait.
    """
    return Record(
        source_command=Stream(write=1, address=address_bits), source_word=Stream(data=16), sink_word=Stream(data=16)
    )


def byte_stream():
    """What a serial line brings or takes."""
    return Stream(data=8)


def identity():
    """What IDENTIFY tells, by the names of the protocol."""
    return Record(**dict.fromkeys(IDENTITY, 32))


def request_stream():
    """A request of the protocol. ``broken``: the words that followed it had a wrong check."""
    return Stream(operation=8, address=32, value=32, broken=1)


def answer_stream():
    """An answer of the protocol. ``words``: it has some, at least one."""
    return Stream(operation=8, value=32, words=1)


def register_stream():
    """A write of ``data`` to a register, or a read."""
    return Stream(write=1, address=ADDRESS_BITS, data=32)


def word_write_stream(address_bits):
    """A word for memory, at a word address."""
    return Stream(address=address_bits, data=16)


def word_read_stream(address_bits):
    """``count`` words of memory from a word address on, as few as none."""
    return Stream(address=address_bits, count=32)


def word_stream():
    """Words that were read; ``last`` of those that were wanted at once."""
    return Stream(data=16, last=1)
