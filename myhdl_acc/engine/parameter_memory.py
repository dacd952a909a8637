"""Keeps the parameter_word words of a lane's operations until their sums leave."""

from myhdl import Signal, always, always_comb, concat, intbv

from myhdl_acc.convert.entity import entity
from myhdl_acc.engine.accumulator import memory


@entity(outputs=("parameter_word",))
def parameter_memory(
    clk, write, write_bank, number, data, read, read_bank, read_split, read_address, read_tap, parameter_word, config
):
    """``write`` puts beat ``number`` of an operation's parameters (2·atoms words) into ``write_bank``; ``read`` fetches
    index ``read_address`` of ``read_bank``.

    From the next cycle until the next ``read``, ``parameter_word`` (32) is word ``read_address``, or with
    ``read_split`` word 2·``read_address`` + ``read_tap``, where ``read_tap`` counts in the cycle in which the word is
    looked at. A bank has ``config.parameter_beats`` beats. No back-pressure.
    """
    beats = config.parameter_beats
    beat_bits, select_bits = (beats - 1).bit_length(), (2 * config.atoms - 1).bit_length()
    word_number = Signal(intbv(0)[beat_bits + select_bits :])
    write_beat, read_beat = (Signal(intbv(0)[beat_bits + 1 :]) for _ in range(2))
    held_select, word_select = (Signal(intbv(0)[select_bits:]) for _ in range(2))
    split = Signal(bool(0))
    beat, shifted = Signal(intbv(0)[config.beat_bits :]), Signal(intbv(0)[config.beat_bits :])
    memory(
        clk=clk,
        read=read,
        read_address=read_beat,
        word=beat,
        write=write,
        write_address=write_beat,
        data=data,
        depth=2 * beats,
    )

    @always_comb
    def word_of_index():
        if read_split:
            word_number.next = concat(read_address, "0")
        else:
            word_number.next = read_address

    @always_comb
    def addresses():
        write_beat.next = concat(write_bank, number[beat_bits:])
        read_beat.next = concat(read_bank, word_number[beat_bits + select_bits : select_bits])

    @always(clk.posedge)
    def hold():
        if read:
            held_select.next = word_number[select_bits:]
            split.next = read_split

    @always_comb
    def choose_word():
        if split and read_tap:
            word_select.next = held_select | 1
        else:
            word_select.next = held_select

    @always_comb
    def shift():
        shifted.next = beat >> concat(word_select, "00000")

    @always_comb
    def output():
        parameter_word.next = shifted[32:]
