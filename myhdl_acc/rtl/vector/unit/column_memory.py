"""What a column reads for an index: its memories, and its lane's result."""

from myhdl import always

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.ram import ram
from myhdl_acc.hdl.record import bits


@entity(outputs=("words",))
def column_memory(clk, read, take, result, write, data, words, config):
    """``words`` (operands of records): word ``read.address`` of the ``vector_depth`` int32 and ``read.value_address``
    of half as many value parameters, two cycles after ``read.enable``; the lane's ``result``, one cycle after ``take``.
    The latter stays.

    ``write.word`` stores ``data`` (s32) at ``write.address``, ``write.value`` stores it as a parameter at
    ``write.value_address``. A read of a word that is being written gives the old one. No back-pressure, no reset.
    """
    read_word = words.only("x", "value").like()
    read_word.delay(1) >> words.only("x", "value")
    parameter = bits(data, 0, 32)
    ram(
        write=write.word,
        write_address=write.address,
        data=data,
        read=read.enable,
        read_address=read.address,
        word=read_word.x,
        depth=config.vector_depth,
    )
    ram(
        write=write.value,
        write_address=write.value_address,
        data=parameter,
        read=read.enable,
        read_address=read.value_address,
        word=read_word.value,
        depth=config.vector_depth // 2,
    )

    @always(clk.posedge)
    def keep():
        if take:
            words.sum.next = result.sum
            words.parameter.next = result.parameter
