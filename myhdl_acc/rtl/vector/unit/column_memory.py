"""What a column reads for an index: its memories, and its lane's result."""

from myhdl import always

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.ram import ram


@entity(outputs=("words",))
def column_memory(clk, read, result, write, data, words, config):
    """``words`` (operands of records) in the cycle after ``read.enable``: word ``read.address`` of the ``vector_depth``
    int32, ``read.value_address`` of half as many value parameters, and the lane's ``result``; they stay.

    ``write.word`` stores ``data`` (s32) at ``write.address``, ``write.value`` the parameter that ``words`` shows at
    ``write.value_address``. A read of a word that is being written gives the old one. No back-pressure, no reset.
    """
    ram(
        write=write.word,
        write_address=write.address,
        data=data,
        read=read.enable,
        read_address=read.address,
        word=words.x,
        depth=config.vector_depth,
    )
    ram(
        write=write.value,
        write_address=write.value_address,
        data=words.parameter,
        read=read.enable,
        read_address=read.value_address,
        word=words.value,
        depth=config.vector_depth // 2,
    )

    @always(clk.posedge)
    def take():
        if read.enable:
            words.sum.next = result.sum
            words.parameter.next = result.parameter
