"""One stop of the chain that brings stationary slices to the lanes."""

from myhdl import Signal, always, always_comb, intbv

from myhdl_acc.convert.entity import entity


@entity(outputs=("take", "ready"))
def load_hop(clk, rst, sink, source, swap, take, ready, atoms):
    """Take the words meant for this lane, pass the others (and broadcasts) on; a word per cycle, latency 1.

    sink, source: load_stream. A word is this lane's if ``lane`` is 0 or ``broadcast`` is set; on the way ``lane``
    counts down. ``take`` pulses with the lane's word in ``source.data``. After ``atoms`` words the lane holds a
    complete slice and ``ready`` rises; the lane's next word waits (and with it the chain) until ``swap`` consumes the
    slice.
    """
    full, wanted, onward, room, go = (Signal(bool(0)) for _ in range(5))
    words = Signal(intbv(0)[atoms.bit_length() :])
    held = Signal(bool(0))

    @always_comb
    def route():
        wanted.next = sink.broadcast or sink.lane == 0
        onward.next = sink.broadcast or sink.lane != 0
        room.next = (not held or source.ready) and (not full or swap or not (sink.broadcast or sink.lane == 0))

    @always_comb
    def handshake():
        sink.ready.next = room
        go.next = room and sink.valid
        source.valid.next = held
        ready.next = full

    @always(clk.posedge)
    def payload():
        if go:
            source.data.next = sink.data
            source.broadcast.next = sink.broadcast
            if sink.lane != 0:
                source.lane.next = sink.lane - 1

    @always(clk.posedge)
    def control():
        if rst:
            held.next = False
            take.next = False
            full.next = False
            words.next = 0
        else:
            take.next = go and wanted
            if go:
                held.next = onward
            elif source.ready:
                held.next = False
            if go and wanted:
                if words == atoms - 1:
                    words.next = 0
                    full.next = True
                else:
                    words.next = words + 1
                    full.next = full and not swap
            elif swap:
                full.next = False

    return route, handshake, payload, control
