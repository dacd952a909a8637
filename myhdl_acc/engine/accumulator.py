"""Sums of one row: beats of a slice add up in a register, slices in one of two memory banks."""

from myhdl import Signal, always, always_comb, block, intbv

from myhdl_acc.convert.entity import entity
from myhdl_acc.stream.stream import signed
from myhdl_acc.stream.wiring import choose, vector

#: Cycles from a beat's tap values to its sum being readable in the memory.
LATENCY = 2


@entity(outputs=("value0", "value1"))
def accumulator(
    clk,
    rst,
    valid,
    first,
    last,
    fresh,
    bank,
    address,
    tap0,
    tap1,
    read,
    read_bank,
    read_address,
    value0,
    value1,
    config,
):
    """Accumulate two taps per beat exactly; one beat per cycle without any gap, whatever the addresses.

    A group is the beats of one output within one slice: ``first`` and ``last`` mark its ends. With ``last`` the group's
    sum is added to word ``address`` of ``bank`` (or replaces it, if ``fresh``: the operation's first slice);
    consecutive groups may have the same address. ``read`` fetches word ``read_address`` of ``read_bank`` into
    ``value0``/``value1`` one cycle later, where it stays until the next ``read``. The reader's bank must not be the
    accumulating one. Sums have ``acc_bits``, which cannot overflow; values are their two's-complement bits. No
    back-pressure.
    """
    depth, acc_bits = config.acc_depth, config.acc_bits
    address_bits = len(address)
    partial0, partial1 = Signal(signed(acc_bits)), Signal(signed(acc_bits))
    sum0, sum1 = Signal(signed(acc_bits)), Signal(signed(acc_bits))
    last_sum0, last_sum1 = Signal(signed(acc_bits)), Signal(signed(acc_bits))
    old0, old1 = Signal(signed(acc_bits)), Signal(signed(acc_bits))
    write, write_fresh, write_bank, held_read_bank = (Signal(bool(0)) for _ in range(4))
    write_address, previous_address = (Signal(intbv(0)[address_bits:]) for _ in range(2))
    previous, previous_bank = Signal(bool(0)), Signal(bool(0))
    bits0, bits1 = Signal(intbv(0)[acc_bits:]), Signal(intbv(0)[acc_bits:])
    word = vector([bits0, bits1])
    enables = [Signal(bool(0)) for _ in range(2)]
    writes = [Signal(bool(0)) for _ in range(2)]
    addresses = [Signal(intbv(0)[address_bits:]) for _ in range(2)]
    words = [Signal(intbv(0)[2 * acc_bits :]) for _ in range(2)]
    ports = [
        bank_port(valid, bank, address, read, read_bank, read_address, write, write_bank, *signals, side)
        for side, signals in enumerate(zip(enables, addresses, writes, strict=True))
    ]
    memories = [
        bank_memory(clk, enables[i], addresses[i], words[i], writes[i], write_address, word, depth) for i in range(2)
    ]
    chosen, read_word = Signal(intbv(0)[2 * acc_bits :]), Signal(intbv(0)[2 * acc_bits :])
    select_old = choose(write_bank, words[1], words[0], chosen)
    select_read = choose(held_read_bank, words[1], words[0], read_word)

    @always(clk.posedge)
    def add_group():
        if valid:
            if first:
                partial0.next = tap0
                partial1.next = tap1
            else:
                partial0.next = partial0 + tap0
                partial1.next = partial1 + tap1
        write_fresh.next = fresh
        write_bank.next = bank
        write_address.next = address
        if read:
            held_read_bank.next = read_bank

    @always(clk.posedge)
    def control():
        if rst:
            write.next = False
            previous.next = False
        else:
            write.next = valid and last
            previous.next = write

    @always_comb
    def old_sum():
        if write_fresh:
            old0.next = 0
            old1.next = 0
        elif previous and previous_bank == write_bank and previous_address == write_address:
            # The word is being written in this very cycle: the memory still shows the one before.
            old0.next = last_sum0
            old1.next = last_sum1
        else:
            old0.next = chosen[acc_bits:].signed()
            old1.next = chosen[2 * acc_bits : acc_bits].signed()

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
        previous_bank.next = write_bank
        previous_address.next = write_address
        last_sum0.next = sum0
        last_sum1.next = sum1

    @always_comb
    def output():
        value0.next = read_word[acc_bits:]
        value1.next = read_word[2 * acc_bits : acc_bits]

    return ports, memories, select_old, select_read, add_group, control, old_sum, add_slice, as_bits, remember, output


@block
def bank_port(
    valid, bank, address, read, read_bank, read_address, write, write_bank, enable, bank_address, bank_write, side
):
    """A bank's read port belongs to the accumulation when that is in the bank, else to the reader."""

    @always_comb
    def assign():
        bank_write.next = write and write_bank == side
        if valid and bank == side:
            enable.next = True
            bank_address.next = address
        else:
            enable.next = read and read_bank == side
            bank_address.next = read_address

    return assign


@block
def bank_memory(clk, enable, address, word, write, write_address, data, depth):
    memory = [Signal(intbv(0)[len(word) :]) for _ in range(depth)]

    @always(clk.posedge)
    def access():
        if enable:
            word.next = memory[address]
        if write:
            memory[write_address].next = data

    return access
