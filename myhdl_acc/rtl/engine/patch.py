"""Puts the newest key, value or parameter into a lane's beats, and sends those beats back to memory."""

from myhdl import Signal, always, always_comb, block, concat, intbv, modbv

from golden.units.patch import NO_PATCH, PATCH_KEY
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record, bits
from myhdl_acc.hdl.stream import fifo
from myhdl_acc.hdl.wiring import choose, unused, vector
from myhdl_acc.rtl.engine.command import LANE_BITS, PV, QK

#: Cycles from a beat to ``beat``.
LATENCY = 1
#: Patched beats that wait for memory.
WRITE_QUEUE = 4


@entity(outputs=("beat", "room"))
def patch(clk, rst, command, arrived, key, value, beat, source_write, room, config):
    """``beat`` is the data of the beat ``arrived``, LATENCY cycles later, with the new tokens of the rows in it; one
    beat per cycle.

    ``command`` (records.patch_command) is taken with its ``start``; ``arrived`` is a records.placed_beat; ``key`` and
    ``value`` are records.new_token of the two patch buffers. Row r < ``tokens`` has slot s = ``slot`` + r in block b =
    s div 16·atoms, which belongs to lanes with lane >> heads_log2 = b mod m, m = lanes >> heads_log2, where it has
    position t = (b div m)·16·atoms + s mod 16·atoms. Patched are: parameter word t (unless the mode is PV), in QK the
    key of token t, in PV nibble t mod 16·atoms of the beats of round t div 16·atoms. A patched beat goes to
    source_write as well, with address ``base`` + its number in the operation, and ``skip`` more if it is none of the
    parameters'. ``room``: a beat may come in this cycle
    whatever becomes of it; a register. Rows are patched in order, so of two with the same place the later wins.
    """
    rows = config.rows
    patches = Record(parameters=1, keys=1, values=1)  # what the command patches
    now = Record(parameter=1, key=1, value=1, is_key=1, is_value=1)  # what may be patched in this beat
    place, held_place = (Signal(modbv(0)[len(command.base) :]) for _ in range(2))
    skip = Signal(intbv(0)[len(command.skip) :])
    held_split = Signal(bool(0))
    hits = [Signal(bool(0)) for _ in range(rows)]
    stages = [Signal(intbv(0)[config.beat_bits :]) for _ in range(rows + 1)]
    held, final_beat = stages[0], stages[rows]
    for r in range(rows):
        token = Record(here=1, position=len(command.slot) + 1)
        token_position(command=command, token=token, row=r, config=config)
        row_patch(
            token=token,
            now=now,
            arrived=arrived,
            held_split=held_split,
            key=row_of(key, r, rows),
            value=row_of(value, r, rows),
            d=stages[r],
            q=stages[r + 1],
            hit=hits[r],
        )
    any_hit = vector(hits)
    patched = source_write.like()
    unused(patched.ready)  # ``room`` sees to it
    occupancy = Signal(intbv(0, min=0, max=WRITE_QUEUE + 1))
    fifo(sink=patched, source=source_write, depth=WRITE_QUEUE, occupancy=occupancy)

    @always_comb
    def kinds_of_beat():
        now.parameter.next = arrived.parameter and patches.parameters
        now.key.next = not arrived.parameter and patches.keys
        now.value.next = not arrived.parameter and patches.values
        now.is_value.next = patches.values

    @always(clk.posedge)
    def take_command():
        if command.start:
            now.is_key.next = command.patch == PATCH_KEY
            patches.parameters.next = command.patch != NO_PATCH and command.mode != PV
            patches.keys.next = command.patch == PATCH_KEY and command.mode == QK
            patches.values.next = command.patch != NO_PATCH and command.mode == PV
            place.next = command.base
            skip.next = command.skip
        elif arrived.valid:
            place.next = place + 1

    @always(clk.posedge)
    def hold():
        held.next = arrived.data
        held_split.next = arrived.split
        if arrived.parameter:
            held_place.next = place
        else:
            held_place.next = place + skip

    @always_comb
    def outputs():
        beat.next = final_beat
        patched.valid.next = any_hit != 0
        patched.data.next = final_beat
        patched.address.next = held_place

    @always(clk.posedge)
    def admit():
        # In the next cycle a beat may be on its way to the queue, and another one comes.
        room.next = occupancy < WRITE_QUEUE - 2 or (occupancy == WRITE_QUEUE - 2 and any_hit == 0)


def row_of(token, row, rows):
    """The row's part of a records.new_token."""
    nibbles, parameters = len(token.nibbles) // rows, len(token.parameters) // rows
    return Record(
        nibbles=bits(token.nibbles, nibbles * row, nibbles),
        parameter=bits(token.parameters, parameters * row, parameters),
    )


@block
def token_position(clk, command, token, row, config):
    """With ``command.start``: whether the row has a token in this lane (``here``), and its ``position``."""
    lanes = config.lanes
    lanes_log2, block_bits = lanes.bit_length() - 1, (16 * config.atoms).bit_length() - 1
    row_slot = Signal(intbv(0)[len(token.position) :])
    token_block, quotient = (Signal(intbv(0)[len(token.position) - block_bits :]) for _ in range(2))
    low_block, shared_lane = (Signal(intbv(0)[LANE_BITS:]) for _ in range(2))
    # Shifted as far as a command can say.
    wanted_lane, own_lane = (Signal(intbv(0)[LANE_BITS + 15 :]) for _ in range(2))
    shift = Signal(intbv(0)[len(command.heads_log2) :])

    @always_comb
    def add_row():
        row_slot.next = command.slot + row

    @always_comb
    def split_slot():
        token_block.next = row_slot[:block_bits]
        low_block.next = row_slot[block_bits + LANE_BITS : block_bits]
        shared_lane.next = command.lane >> command.heads_log2
        shift.next = lanes_log2 - command.heads_log2

    @always_comb
    def lanes_of_head():
        # b (modulo m in register()) and the lane's number within the m, both times 2**heads_log2.
        wanted_lane.next = low_block << command.heads_log2
        own_lane.next = shared_lane << command.heads_log2
        quotient.next = token_block >> shift

    @always(clk.posedge)
    def register():
        if command.start:
            token.here.next = (wanted_lane & (lanes - 1)) == own_lane and command.tokens > row
            token.position.next = concat(quotient, row_slot[block_bits:])


@block
def row_patch(clk, token, now, arrived, held_split, key, value, d, q, hit):
    """``q`` is ``d``, the beat that arrived a cycle ago, with the row's ``token`` in it. ``hit``: there is a
    difference.

    ``key``, ``value``: the row's ``nibbles`` and ``parameter``.
    """
    width = len(d)
    atoms = width // 64
    block_bits, words_there = (16 * atoms).bit_length() - 1, 2 * atoms
    word_bits = words_there.bit_length() - 1
    found = Signal(intbv(0)[width:])
    meets, meets_word = Record(parameter=1, key=1, value=1), Signal(bool(0))
    # Of the held beat: halves, one of its words. Of a new word: what it ``keeps`` of the old one.
    change = Record(low=1, high=1, words=words_there, any_word=1)
    new, number = Record(keeps=32, fill=32), Signal(intbv(0)[word_bits:])
    nibble, ones, mask, parameter = (Signal(intbv(0)[32:]) for _ in range(4))

    @always_comb
    def find():
        meets.parameter.next = token.here and token.position[:word_bits] == arrived.number
        if arrived.split:
            meets.key.next = token.here and token.position[:1] == arrived.address
        else:
            meets.key.next = token.here and token.position == arrived.address
        meets.value.next = token.here and token.position[:block_bits] == arrived.outer

    @always_comb
    def dimension():
        found.next = value.nibbles >> concat(arrived.address, "00")

    @always_comb
    def find_word():
        meets_word.next = (now.parameter and meets.parameter) or (now.value and meets.value)

    @always_comb
    def locate():
        if now.is_value:
            number.next = token.position[block_bits:3]
        else:
            number.next = token.position[word_bits:]

    @always_comb
    def widen():
        nibble.next = found[4:]
        ones.next = 15
        if now.is_key:
            parameter.next = key.parameter
        else:
            parameter.next = value.parameter

    @always_comb
    def cover():
        mask.next = ones << concat(token.position[3:], "00")

    @always(clk.posedge)
    def register():
        # Whether a beat comes is known late, all else early.
        if arrived.valid:
            change.low.next = now.key and meets.key and not (arrived.split and token.position[0])
            change.high.next = now.key and meets.key and (not arrived.split or token.position[0])
            change.any_word.next = meets_word
            for i in range(words_there):
                change.words.next[i] = meets_word and number == i
        else:
            change.low.next = False
            change.high.next = False
            change.any_word.next = False
            change.words.next = 0
        if now.is_value:
            new.keeps.next = ~mask
            new.fill.next = nibble << concat(token.position[3:], "00")
        else:
            new.keeps.next = 0
            new.fill.next = parameter

    words = [Signal(intbv(0)[32:]) for _ in range(words_there)]
    for i in range(words_there):
        half = i % atoms  # the word of the key that meets word i if the key fills half a beat
        half_key, own_key = bits(key.nibbles, 32 * half, 32), bits(key.nibbles, 32 * i, 32)
        chosen_key = Signal(intbv(0)[32:])
        choose(held_split, half_key, own_key, chosen_key)
        word_patch(
            d=bits(d, 32 * i, 32),
            q=words[i],
            key_hit=change.low if i < atoms else change.high,
            key=chosen_key,
            word_hit=bits(change.words, i, 1),
            new=new,
        )
    patched = vector(words)

    @always_comb
    def output():
        q.next = patched
        hit.next = change.low or change.high or change.any_word


@block
def word_patch(d, q, key_hit, key, word_hit, new):
    """A 32-bit word of a beat: a key's, or a parameter or a nibble new."""

    @always_comb
    def multiplex():
        q.next = d
        if key_hit:
            q.next = key
        elif word_hit:
            q.next = (d & new.keeps) | new.fill
