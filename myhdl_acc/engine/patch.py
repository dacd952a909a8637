"""Puts the newest key, value or parameter into a lane's beats, and sends those beats back to memory."""

from myhdl import Signal, always, always_comb, block, concat, intbv

from myhdl_acc.convert.entity import entity
from myhdl_acc.engine.command import LANE_BITS, NO_PATCH, PATCH_KEY, PV, QK
from myhdl_acc.hdl.wiring import choose, unused, vector, wire
from myhdl_acc.stream import fifo

#: Cycles from a beat at ``data`` to ``beat``.
LATENCY = 1
#: Patched beats that wait for memory.
WRITE_QUEUE = 4


@entity(outputs=("beat", "room"))
def patch(
    clk,
    rst,
    start,
    mode,
    code,
    heads_log2,
    slot,
    tokens,
    base,
    lane_index,
    split,
    valid,
    is_parameter,
    data,
    number,
    outer_index,
    address,
    key,
    key_parameters,
    value,
    value_parameters,
    beat,
    source_write,
    room,
    config,
):
    """``beat`` is ``data``, LATENCY cycles later, with the new tokens of the rows in it; one beat per cycle.

    ``start`` takes a command: ``mode``, ``code`` (its ``patch``), ``heads_log2``, ``slot``, ``tokens``, ``base`` (see
    command_stream). With every beat (``valid``) come the command's ``split`` and the beat's place, as the sequencer
    tells it: ``is_parameter`` and ``number``, or ``outer_index`` and ``address`` (the middle index). ``key``,
    ``key_parameters``, ``value``, ``value_parameters``: see patch_buffer. Row r < ``tokens`` has slot s = ``slot`` + r
    in block b = s div 16·atoms, which belongs to lanes with ``lane_index`` >> heads_log2 = b mod m, m = lanes >>
    heads_log2, where it has position t = (b div m)·16·atoms + s mod 16·atoms. Patched are: parameter word t (unless
    the mode is PV), in QK the key of token t, in PV nibble t mod 16·atoms of the beats of round t div 16·atoms. A
    patched beat goes to source_write as well, with address ``base`` + its number in the operation. ``room``: a beat may
    come in this cycle whatever becomes of it. Rows are patched in order, so of two with the same place the later wins.
    """
    rows, width = config.rows, config.beat_bits
    is_key, patches_parameters, patches_keys, patches_values = (Signal(bool(0)) for _ in range(4))
    parameter_now, key_now, value_now = (Signal(bool(0)) for _ in range(3))
    place, held_place = (Signal(intbv(0)[len(base) :]) for _ in range(2))
    key_bits, value_bits = (Signal(intbv(0)[rows * width :]) for _ in range(2))
    key_words, value_words = (Signal(intbv(0)[rows * 32 :]) for _ in range(2))
    hits = [Signal(bool(0)) for _ in range(rows)]
    held_split = Signal(bool(0))
    stages = [Signal(intbv(0)[width:]) for _ in range(rows + 1)]
    held, final_beat = stages[0], stages[rows]
    row_patches = []
    for r in range(rows):
        here, position = Signal(bool(0)), Signal(intbv(0)[len(slot) + 1 :])
        row_patches += [
            token_position(clk, start, heads_log2, slot, tokens, lane_index, here, position, r, config),
            row_patch(
                clk, here, position, parameter_now, key_now, value_now, is_key, split, held_split,
                number, outer_index, address,
                key_bits(width * r + width, width * r), key_words(32 * r + 32, 32 * r),
                value_bits(width * r + width, width * r), value_words(32 * r + 32, 32 * r),
                stages[r], stages[r + 1], hits[r], config,
            ),
        ]  # fmt: skip
    any_hit = vector(hits)
    patched = source_write.like()
    unused(patched.ready)  # ``room`` sees to it
    occupancy = Signal(intbv(0, min=0, max=WRITE_QUEUE + 1))
    writes = fifo(clk, rst, patched, source_write, WRITE_QUEUE, occupancy)

    @always_comb
    def copies():
        key_bits.next = key
        key_words.next = key_parameters
        value_bits.next = value
        value_words.next = value_parameters

    @always_comb
    def kinds_of_beat():
        parameter_now.next = valid and is_parameter and patches_parameters
        key_now.next = valid and not is_parameter and patches_keys
        value_now.next = valid and not is_parameter and patches_values

    @always(clk.posedge)
    def take_command():
        if start:
            is_key.next = code == PATCH_KEY
            patches_parameters.next = code != NO_PATCH and mode != PV
            patches_keys.next = code == PATCH_KEY and mode == QK
            patches_values.next = code != NO_PATCH and mode == PV
            place.next = base
        elif valid:
            place.next = place + 1

    @always(clk.posedge)
    def hold():
        held.next = data
        held_split.next = split
        held_place.next = place

    @always_comb
    def outputs():
        beat.next = final_beat
        patched.valid.next = any_hit != 0
        patched.data.next = final_beat
        patched.address.next = held_place
        # A beat may be on its way to the queue.
        room.next = occupancy < WRITE_QUEUE - 1

    return row_patches, writes, copies, kinds_of_beat, take_command, hold, outputs


@block
def token_position(clk, start, heads_log2, slot, tokens, lane_index, here, position, row, config):
    """With ``start``: whether the row has a token in this lane (``here``), and its ``position``."""
    lanes = config.lanes
    lanes_log2, block_bits = lanes.bit_length() - 1, (16 * config.atoms).bit_length() - 1
    row_slot = Signal(intbv(0)[len(position) :])
    token_block, quotient = (Signal(intbv(0)[len(position) - block_bits :]) for _ in range(2))
    low_block, shared_lane = (Signal(intbv(0)[LANE_BITS:]) for _ in range(2))
    # Shifted as far as a command can say.
    wanted_lane, own_lane = (Signal(intbv(0)[LANE_BITS + 15 :]) for _ in range(2))
    shift = Signal(intbv(0)[len(heads_log2) :])

    @always_comb
    def add_row():
        row_slot.next = slot + row

    @always_comb
    def split_slot():
        token_block.next = row_slot[:block_bits]
        low_block.next = row_slot[block_bits + LANE_BITS : block_bits]
        shared_lane.next = lane_index >> heads_log2
        shift.next = lanes_log2 - heads_log2

    @always_comb
    def lanes_of_head():
        # b (modulo m in register()) and the lane's number within the m, both times 2**heads_log2.
        wanted_lane.next = low_block << heads_log2
        own_lane.next = shared_lane << heads_log2
        quotient.next = token_block >> shift

    @always(clk.posedge)
    def register():
        if start:
            here.next = (wanted_lane & (lanes - 1)) == own_lane and tokens > row
            position.next = concat(quotient, row_slot[block_bits:])

    return add_row, split_slot, lanes_of_head, register


@block
def row_patch(
    clk, here, position, parameter_now, key_now, value_now, is_key, split, held_split, number, outer_index, address,
    key, key_parameter, value, value_parameter, d, q, hit, config,
):  # fmt: skip
    """``q`` is ``d`` with the row's token in it. ``hit``: there is a difference."""
    atoms, width = config.atoms, config.beat_bits
    block_bits, word_bits = (16 * atoms).bit_length() - 1, (2 * atoms).bit_length() - 1
    key_bits, value_bits, found = (Signal(intbv(0)[width:]) for _ in range(3))
    key_word, value_word, new_parameter = (Signal(intbv(0)[32:]) for _ in range(3))
    copies = [
        wire(key, key_bits), wire(value, value_bits), wire(key_parameter, key_word), wire(value_parameter, value_word)
    ]  # fmt: skip
    parameter_hit, key_hit, value_hit = (Signal(bool(0)) for _ in range(3))
    low_hit, high_hit, word_hit, nibble_hit = (Signal(bool(0)) for _ in range(4))
    nibble, ones, mask, fill = (Signal(intbv(0)[32:]) for _ in range(4))
    word = Signal(intbv(0)[word_bits:])

    @always_comb
    def find():
        parameter_hit.next = here and parameter_now and position[:word_bits] == number
        if split:
            key_hit.next = here and key_now and position[:1] == address
        else:
            key_hit.next = here and key_now and position == address
        value_hit.next = here and value_now and position[:block_bits] == outer_index

    @always_comb
    def dimension():
        found.next = value_bits >> concat(address, "00")

    @always_comb
    def widen():
        nibble.next = found[4:]
        if value_hit:
            ones.next = 15
        else:
            ones.next = 0
        if is_key:
            new_parameter.next = key_word
        else:
            new_parameter.next = value_word

    @always(clk.posedge)
    def register():
        low_hit.next = key_hit and not (split and position[0])
        high_hit.next = key_hit and (not split or position[0])
        word_hit.next = parameter_hit or value_hit
        nibble_hit.next = value_hit
        mask.next = ones << concat(position[3:], "00")
        if value_hit:
            fill.next = nibble << concat(position[3:], "00")
            word.next = position[block_bits:3]
        else:
            fill.next = new_parameter
            word.next = position[word_bits:]

    words = [Signal(intbv(0)[32:]) for _ in range(2 * atoms)]
    patches = []
    for i in range(2 * atoms):
        own_key, half_key, chosen_key = (Signal(intbv(0)[32:]) for _ in range(3))
        old = Signal(intbv(0)[32:])
        half = i % atoms  # the word of the key that meets word i if the key fills half a beat
        patches += [
            wire(d(32 * i + 32, 32 * i), old),
            wire(key_bits(32 * i + 32, 32 * i), own_key),
            wire(key_bits(32 * half + 32, 32 * half), half_key),
            choose(held_split, half_key, own_key, chosen_key),
            word_patch(
                old, words[i], low_hit if i < atoms else high_hit, chosen_key, word_hit, nibble_hit, word, mask, fill, i
            ),
        ]
    patched = vector(words)

    @always_comb
    def output():
        q.next = patched
        hit.next = low_hit or high_hit or word_hit

    return copies, find, dimension, widen, register, patches, output


@block
def word_patch(d, q, key_hit, key, word_hit, nibble_hit, word, mask, fill, number):
    """A 32-bit word of a beat: a key's, a parameter, or one nibble new."""

    @always_comb
    def multiplex():
        q.next = d
        if key_hit:
            q.next = key
        elif word_hit and word == number:
            if nibble_hit:
                q.next = (d & ~mask) | fill
            else:
                q.next = fill

    return multiplex
