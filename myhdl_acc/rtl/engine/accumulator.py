"""Sums of one row: beats of a slice add up in a register, slices in a memory, final sums wait in one of two banks."""

from myhdl import Signal, always, always_comb, concat, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.ram import ram
from myhdl_acc.hdl.record import Record, bits
from myhdl_acc.hdl.stream.stream import signed
from myhdl_acc.hdl.wiring import vector

#: Cycles from a beat's tap values to its sum being readable.
LATENCY = 3


@entity(outputs=("value0", "value1"))
def accumulator(clk, rst, beat, tap0, tap1, read, value0, value1, config):
    """Accumulate two taps per beat exactly; one beat per cycle without any gap, whatever the addresses.

    A group is the beats (records.summed_beat) of one output within one slice: ``first`` and ``last`` mark its ends.
    With ``last`` the group's sum is added to word ``address`` (or replaces it, if ``fresh``: the operation's first
    slice); consecutive groups may have the same address. If ``complete`` (the operation's last slice) the sum goes to
    ``bank`` of the results as well. ``read`` (records.read_port) shows a result at ``value0``/``value1``; the bank may
    be the one that is being filled, as long as the word is there. Sums have ``acc_bits``, which cannot overflow; values
    are their two's-complement bits. No back-pressure.
    """
    acc_bits = config.acc_bits
    # A group ends, its old sum is read; a cycle later the old sum is in the memory's output register; then it is added
    # to, and the sum written. Sums that a read came too early for are still in registers.
    ended = Record(write=1, fresh=beat.fresh, complete=beat.complete, bank=beat.bank, address=beat.address)
    arriving = ended.delay(1, reset=("write",))
    adding = arriving.delay(1, reset=("write",))
    added = Record(write=adding.write, address=adding.address).delay(1, reset=("write",))
    near, far = Signal(bool(0)), Signal(bool(0))
    partial, group, old, base, total = (tap_pair(acc_bits) for _ in range(5))
    last_sum = total.delay(1)
    sum_before = last_sum.delay(1)
    word = vector([bits(each, 0, acc_bits) for each in (total.tap0, total.tap1)])
    old_word, read_word = Signal(intbv(0)[2 * acc_bits :]), Signal(intbv(0)[2 * acc_bits :])
    result = Record(write=1, write_address=len(beat.address) + 1, read_address=len(beat.address) + 1)
    ram(
        write=adding.write,
        write_address=adding.address,
        data=word,
        read=beat.valid,
        read_address=beat.address,
        word=old_word,
        depth=config.acc_depth,
    )
    ram(
        write=result.write,
        write_address=result.write_address,
        data=word,
        read=read.enable,
        read_address=result.read_address,
        word=read_word,
        depth=2 << len(beat.address),
    )

    @always_comb
    def end():
        ended.write.next = beat.valid and beat.last

    @always(clk.posedge)
    def add_group():
        if beat.valid:
            if beat.first:
                partial.tap0.next = tap0
                partial.tap1.next = tap1
            else:
                partial.tap0.next = partial.tap0 + tap0
                partial.tap1.next = partial.tap1 + tap1
        group.tap0.next = partial.tap0
        group.tap1.next = partial.tap1

    @always(clk.posedge)
    def fetch_old():
        old.tap0.next = old_word[acc_bits:].signed()
        old.tap1.next = old_word[2 * acc_bits : acc_bits].signed()
        near.next = adding.write and adding.address == arriving.address
        far.next = added.write and added.address == arriving.address

    @always_comb
    def choose_old():
        if adding.fresh:
            base.tap0.next = 0
            base.tap1.next = 0
        elif near:
            base.tap0.next = last_sum.tap0
            base.tap1.next = last_sum.tap1
        elif far:
            base.tap0.next = sum_before.tap0
            base.tap1.next = sum_before.tap1
        else:
            base.tap0.next = old.tap0
            base.tap1.next = old.tap1

    @always_comb
    def add_slice():
        total.tap0.next = base.tap0 + group.tap0
        total.tap1.next = base.tap1 + group.tap1

    @always_comb
    def result_ports():
        result.write.next = adding.write and adding.complete
        result.write_address.next = concat(adding.bank, adding.address)
        result.read_address.next = concat(read.bank, read.address)

    @always(clk.posedge)
    def show():
        if read.advance:
            value0.next = read_word[acc_bits:]
            value1.next = read_word[2 * acc_bits : acc_bits]


def tap_pair(acc_bits):
    """The sums of both taps."""
    return Record(tap0=signed(acc_bits), tap1=signed(acc_bits))
