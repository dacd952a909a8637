"""Where levels go in the activation buffer, and when its reader may begin."""

from myhdl import Signal, always, always_comb, intbv, modbv

from myhdl_acc.hdl.convert.entity import entity


@entity(outputs=("activation", "shift", "drained", "early", "give"))
def activation_writes(clk, start, drain, commit, now, activation, shift, drained, early, give, lanes):
    """``activation`` (activation_write of records): the columns' levels with every ``commit`` of an instruction with
    the flag, from group ``now.dst`` · 32/lanes on; while ``drain`` is high the word of levels of one of ``now.heads``
    columns after the other, 32/lanes cycles each, ``now.stride`` words apart: ``shift`` brings the next column's. With
    ``now.shared`` these are the columns of row 0, then those of the next one, up to row ``now.row``.

    ``drained``: while ``drain`` is high, that this is the last cycle of it. ``early``: the instruction ``give``s its
    token with its first group: a whole word per cycle is written, and who reads is no faster. Latency 0; ``now`` is
    there two cycles before ``drain``.
    """
    parts = 32 // lanes
    parts_log2 = parts.bit_length() - 1
    place, first_place = Signal(intbv(0)[16:]), Signal(intbv(0)[16:])
    word, column_word = Signal(intbv(0)[16:]), Signal(intbv(0)[16:])
    head, row, chunk = Signal(intbv(0)[8:]), Signal(intbv(0)[4:]), Signal(intbv(0)[5:])
    last_head = Signal(modbv(0)[8:])
    whole, of_row, of_rows, of_all = (Signal(bool(0)) for _ in range(4))
    words_at_once = parts == 1

    @always_comb
    def ends():
        whole.next = drain and chunk == parts - 1

    @always_comb
    def ends_all():  # without drain, which comes of the phase that depends on it
        of_all.next = chunk == parts - 1 and of_row and of_rows

    @always(clk.posedge)
    def count():
        last_head.next = now.heads - 1
        if start:
            place.next = (now.dst << parts_log2) & 65535
            first_place.next = (now.dst << parts_log2) & 65535
            word.next = now.dst
        else:
            if commit:
                place.next = place + 1
            if drain and of_all:
                word.next = word + 1

    @always(clk.posedge)
    def walk():
        if not drain:
            head.next = 0
            row.next = 0
            chunk.next = 0
            column_word.next = word
            of_row.next = last_head == 0
            of_rows.next = now.row == 0 or not now.shared
        elif whole:
            # Whether these are the last ones is known as soon as they are there.
            if of_row:
                head.next = 0
                row.next = (row + 1) & 15
                of_row.next = last_head == 0
                of_rows.next = (row + 1) & 15 == now.row or not now.shared
            else:
                head.next = head + 1
                of_row.next = (head + 1) & 255 == last_head
            chunk.next = 0
            column_word.next = column_word + now.stride
        else:
            chunk.next = chunk + 1

    @always_comb
    def show():
        shift.next = whole
        drained.next = of_all
        activation.gather.next = drain
        activation.shared.next = now.shared
        activation.row.next = row
        activation.chunk.next = chunk
        activation.write.next = (commit and now.flags.activation) or drain
        if drain:
            activation.index.next = ((column_word << parts_log2) + chunk) & 65535
        else:
            activation.index.next = place
        early.next = words_at_once and now.flags.activation
        give.next = commit and place == first_place
