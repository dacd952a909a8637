"""Sums of one row: beats of a slice add up in a register, slices in a memory, final sums wait in one of two banks."""

from myhdl import Signal, always, always_comb, concat, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.ram import ram
from myhdl_acc.hdl.stream.stream import signed
from myhdl_acc.hdl.wiring import vector

#: Cycles from a beat's tap values to its sum being readable.
LATENCY = 2


@entity(outputs=("value0", "value1"))
def accumulator(clk, rst, beat, tap0, tap1, read, value0, value1, config):
    """Accumulate two taps per beat exactly; one beat per cycle without any gap, whatever the addresses.

    A group is the beats (records.summed_beat) of one output within one slice: ``first`` and ``last`` mark its ends.
    With ``last`` the group's sum is added to word ``address`` (or replaces it, if ``fresh``: the operation's first
    slice); consecutive groups may have the same address. If ``complete`` (the operation's last slice) the sum goes to
    ``bank`` of the results as well. ``read`` (records.read_port) fetches a result into ``value0``/``value1`` one cycle
    later, where it stays until the next read; the bank may be the one that is being filled, as long as the word is
    there. Sums have ``acc_bits``, which cannot overflow; values are their two's-complement bits. No back-pressure.
    """
    acc_bits = config.acc_bits
    address_bits = len(beat.address)
    partial0, partial1 = Signal(signed(acc_bits)), Signal(signed(acc_bits))
    sum0, sum1 = Signal(signed(acc_bits)), Signal(signed(acc_bits))
    last_sum0, last_sum1 = Signal(signed(acc_bits)), Signal(signed(acc_bits))
    old0, old1 = Signal(signed(acc_bits)), Signal(signed(acc_bits))
    write, write_fresh, write_complete, write_bank, result, previous = (Signal(bool(0)) for _ in range(6))
    write_address, previous_address = (Signal(intbv(0)[address_bits:]) for _ in range(2))
    result_write_address, result_read_address = (Signal(intbv(0)[address_bits + 1 :]) for _ in range(2))
    bits0, bits1 = Signal(intbv(0)[acc_bits:]), Signal(intbv(0)[acc_bits:])
    word = vector([bits0, bits1])
    old_word, read_word = Signal(intbv(0)[2 * acc_bits :]), Signal(intbv(0)[2 * acc_bits :])
    ram(
        write=write,
        write_address=write_address,
        data=word,
        read=beat.valid,
        read_address=beat.address,
        word=old_word,
        depth=config.acc_depth,
    )
    ram(
        write=result,
        write_address=result_write_address,
        data=word,
        read=read.enable,
        read_address=result_read_address,
        word=read_word,
        depth=2 << address_bits,
    )

    @always(clk.posedge)
    def add_group():
        if beat.valid:
            if beat.first:
                partial0.next = tap0
                partial1.next = tap1
            else:
                partial0.next = partial0 + tap0
                partial1.next = partial1 + tap1
        write_fresh.next = beat.fresh
        write_complete.next = beat.complete
        write_bank.next = beat.bank
        write_address.next = beat.address

    @always(clk.posedge)
    def control():
        if rst:
            write.next = False
            previous.next = False
        else:
            write.next = beat.valid and beat.last
            previous.next = write

    @always_comb
    def result_ports():
        result.next = write and write_complete
        result_write_address.next = concat(write_bank, write_address)
        result_read_address.next = concat(read.bank, read.address)

    @always_comb
    def old_sum():
        if write_fresh:
            old0.next = 0
            old1.next = 0
        elif previous and previous_address == write_address:
            # The word is being written in this very cycle: the memory still shows the one before.
            old0.next = last_sum0
            old1.next = last_sum1
        else:
            old0.next = old_word[acc_bits:].signed()
            old1.next = old_word[2 * acc_bits : acc_bits].signed()

    @always_comb
    def add_slice():
        sum0.next = old0 + partial0
        sum1.next = old1 + partial1

    @always_comb
    def as_bits():
        bits0.next = sum0[acc_bits:]
        bits1.next = sum1[acc_bits:]

    @always(clk.posedge)
    def remember():
        previous_address.next = write_address
        last_sum0.next = sum0
        last_sum1.next = sum1

    @always_comb
    def output():
        value0.next = read_word[acc_bits:]
        value1.next = read_word[2 * acc_bits : acc_bits]
