"""Keeps the parameters of a lane's operations until their sums leave."""

from myhdl import Signal, always, always_comb, concat, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.ram import ram
from myhdl_acc.hdl.record import Record


@entity(outputs=("word",))
def parameter_memory(clk, write, read, split, tap, word, config):
    """``write`` (records.parameter_beat: 2·atoms words) puts a beat into a bank; ``read`` (records.read_port) fetches
    the word of an index.

    What ``word`` (32) shows is word ``read.address``, or if it was ``split`` word 2·``read.address`` + ``tap``, where
    ``tap`` counts in the cycle in which the word is looked at. A bank has
    ``config.parameter_beats`` beats. No back-pressure.
    """
    beats = config.parameter_beats
    beat_bits, select_bits = (beats - 1).bit_length(), (2 * config.atoms - 1).bit_length()
    word_number = Signal(intbv(0)[beat_bits + select_bits :])
    write_beat, read_beat = (Signal(intbv(0)[beat_bits + 1 :]) for _ in range(2))
    word_select = Signal(intbv(0)[select_bits:])
    fetched, shown = (Record(select=select_bits, split=1) for _ in range(2))
    beat, shown_beat, shifted = (Signal(intbv(0)[config.beat_bits :]) for _ in range(3))
    ram(
        write=write.valid,
        write_address=write_beat,
        data=write.data,
        read=read.enable,
        read_address=read_beat,
        word=beat,
        depth=2 * beats,
    )

    @always_comb
    def word_of_index():
        if split:
            word_number.next = concat(read.address, "0")
        else:
            word_number.next = read.address

    @always_comb
    def addresses():
        write_beat.next = concat(write.bank, write.number[beat_bits:])
        read_beat.next = concat(read.bank, word_number[beat_bits + select_bits : select_bits])

    @always(clk.posedge)
    def hold():
        if read.enable:
            fetched.select.next = word_number[select_bits:]
            fetched.split.next = split
        if read.advance:
            shown.select.next = fetched.select
            shown.split.next = fetched.split
            shown_beat.next = beat

    @always_comb
    def choose_word():
        if shown.split and tap:
            word_select.next = shown.select | 1
        else:
            word_select.next = shown.select

    @always_comb
    def shift():
        shifted.next = shown_beat >> concat(word_select, "00000")

    @always_comb
    def output():
        word.next = shifted[32:]
