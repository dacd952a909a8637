"""One stop of the chain that brings slices and new keys and values to the lanes."""

from myhdl import Signal, always, always_comb, intbv

from golden.units.load_unit import NEW_KEY, NEW_VALUE, SLICE
from myhdl_acc.hdl.convert.entity import entity

#: Cycles from a word's transfer at ``sink`` or ``sink_local`` to ``word``.
LATENCY = 2


@entity(outputs=("take", "word", "ready"))
def load_hop(clk, rst, sink, source, sink_local, swap, room, take, word, ready, atoms):
    """Take the words meant for this lane, pass the others (and broadcasts) on; a word per cycle, latency 1.

    sink, source: load_stream; sink_local: weights_stream, slices for this lane alone. A word of the chain is this
    lane's if ``lane`` is 0 or ``broadcast`` is set; on the way ``lane`` counts down, and begins at ``again`` behind a
    lane that took it. The lane's words appear at ``word`` LATENCY cycles later, a slice's together with ``take.slice``;
    ``take.key`` and ``take.value`` are high in the cycle of the transfer, which waits for ``room.key``/``room.value``.
    After ``atoms`` words the lane holds a complete slice and ``ready`` rises; the next word of a slice waits until
    ``swap`` consumes it, and with it what is behind it: in the chain or at sink_local. sink_local goes first, so a key
    or value that waits in the chain does not hold it up. Slices must not come from both at a time.
    """
    full, wanted, onward, slice_room, kind_room, open_now, accept, go = (Signal(bool(0)) for _ in range(8))
    go_local, take_chain, slice_word, arrived, local_word = (Signal(bool(0)) for _ in range(5))
    words = Signal(intbv(0)[atoms.bit_length() :])
    held = Signal(bool(0))
    own_data = Signal(intbv(0)[len(word) :])

    route(word=sink.only("broadcast", "lane", "again"), wanted=wanted, onward=onward)

    @always_comb
    def room_of_slice():
        slice_room.next = not full or swap

    @always_comb
    def room_of_kind():
        if sink_local.valid and slice_room:
            kind_room.next = False
        elif sink.kind == SLICE:
            kind_room.next = slice_room
        elif sink.kind == NEW_KEY:
            kind_room.next = room.key
        else:
            kind_room.next = room.value

    @always_comb
    def room_for_word():
        open_now.next = not held or source.ready
        accept.next = (not held or source.ready) and (kind_room or not wanted)

    @always_comb
    def handshake():
        sink.ready.next = accept
        sink_local.ready.next = slice_room
        go.next = accept and sink.valid
        go_local.next = sink_local.valid and slice_room
        source.valid.next = held
        ready.next = full

    @always_comb
    def takes():
        take_chain.next = go and wanted and sink.kind == SLICE
        take.key.next = go and wanted and sink.kind == NEW_KEY
        take.value.next = go and wanted and sink.kind == NEW_VALUE

    @always_comb
    def slice_words():
        slice_word.next = take_chain or go_local

    @always(clk.posedge)
    def payload():
        if open_now:  # whether it is taken is known late
            source.data.next = sink.data
            source.broadcast.next = sink.broadcast
            source.kind.next = sink.kind
            source.again.next = sink.again
            if sink.lane != 0:
                source.lane.next = sink.lane - 1
            else:
                source.lane.next = sink.again
        own_data.next = sink_local.data
        if local_word:
            word.next = own_data
        else:
            word.next = source.data

    @always(clk.posedge)
    def control():
        if rst:
            held.next = False
            arrived.next = False
            take.slice.next = False
            full.next = False
            words.next = 0
        else:
            arrived.next = slice_word
            take.slice.next = arrived
            if go:
                held.next = onward
            elif source.ready:
                held.next = False
            if slice_word:
                if words == atoms - 1:
                    words.next = 0
                    full.next = True
                else:
                    words.next = words + 1
                    full.next = full and not swap
            elif swap:
                full.next = False

    @always(clk.posedge)
    def origin():
        local_word.next = go_local


@entity(outputs=("wanted", "onward"))
def route(word, wanted, onward):
    """A ``word`` of the chain is ``wanted`` here, goes ``onward``, or both. Latency 0; an entity, so that synthesis
    makes it no deeper than it is."""

    @always_comb
    def find():
        wanted.next = word.broadcast or word.lane == 0
        onward.next = word.broadcast or word.lane != 0 or word.again != 0
