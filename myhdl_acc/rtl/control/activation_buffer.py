"""The int8 vectors that the vector unit makes and the load unit sends to the engine."""

from myhdl import Signal, always, always_comb, block, intbv

from golden.layout import WORD
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.wiring import vector, wire

LATENCY = 2  #: cycles from ``read`` to ``word``, if both have ``advance``


def word_address_bits(config):
    """Bits of ``read_address``."""
    return (config.activation_words - 1).bit_length()


@entity(outputs=("word",))
def activation_buffer(clk, write, index, data, read, read_address, advance, word, config):
    """A memory of ``activation_words`` words of 32 int8 for every row.

    ``write`` stores ``lanes`` elements of every row at once: ``data`` has lane l's element of row r in byte l·rows + r
    (lane-major like the engine's results); they become elements ``index``·lanes … of the buffer, element n of which is
    element n mod 32 of word n // 32. ``read`` fetches word ``read_address``; a later cycle with ``advance`` shows it at
    ``word`` in the next: row r in bits 256r+255 … 256r, element 0 lowest. What was fetched stays until the next
    ``read``, which comes only with ``advance``. A read sees the writes of earlier cycles. One write and one read per
    cycle, no reset.
    """
    lanes, rows = config.lanes, config.rows
    banks = WORD // lanes
    bank_bits = (banks - 1).bit_length()
    width = 8 * lanes * rows
    index_end = bank_bits + word_address_bits(config)
    write_address = Signal(intbv(0)[word_address_bits(config) :])
    bank = Signal(intbv(0)[max(1, bank_bits) :])
    words = [Signal(intbv(0)[width:]) for _ in range(banks)]
    for number in range(banks):
        bank_memory(
            write=write,
            bank=bank,
            number=number,
            write_address=write_address,
            data=data,
            read=read,
            read_address=read_address,
            advance=advance,
            word=words[number],
            config=config,
        )

    @always_comb
    def locate():
        # ``index`` may be wider, and anything while nothing is written.
        write_address.next = index[index_end:bank_bits]
        if bank_bits == 0:
            bank.next = 0
        else:
            bank.next = index[bank_bits:]

    # Element e of row r: bank e // lanes, byte (e mod lanes)·rows + r.
    elements = [
        words[e // lanes](8 * (e % lanes * rows + r) + 8, 8 * (e % lanes * rows + r))
        for r in range(rows)
        for e in range(WORD)
    ]
    wire(vector(elements), word)


@block
def bank_memory(clk, write, bank, number, write_address, data, read, read_address, advance, word, config):
    memory = [Signal(intbv(0)[len(word) :]) for _ in range(config.activation_words)]
    fetched = Signal(intbv(0)[len(word) :])

    @always(clk.posedge)
    def access():
        if write and bank == number:
            memory[write_address].next = data
        if read:
            fetched.next = memory[read_address]
        if advance:
            word.next = fetched
