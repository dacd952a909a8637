"""Tells the host in memory what a run chose and how it ended."""

from myhdl import Signal, always_comb, always_seq, concat, intbv, modbv

from golden.units.result_entry import END, TOKEN
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.rtl.control.register_map import TAG_BITS

#: Cycles in a row in which all writes must be acknowledged before the end is told for certain.
SETTLE = 8
LATENCY = 1
ENTRY_BITS = 128

IDLE, OFFER, LAST, CHECK = range(4)


@entity(outputs=("told",))
def result_writer(clk, rst, sink, ring, tell, ended, written, cycles, source, told):
    """A beat (golden ResultEntry) for every token at ``sink`` (walk's entry_stream), one for the end.

    ``ring``: ``results``, ``results_mask`` and ``tag`` of the request. The entry of ``index`` goes to beat results +
    (index and results_mask) of ``source`` (memory's write stream), LATENCY cycles after it came, one at a time.
    ``tell``: a level at the run's end; the entry of ``ended`` (``index``, ``position``, ``code``) follows what still
    waits at ``sink``. ``told`` is high from when it is ``written`` (no write is under way) to the fall of ``tell``.
    ``cycles``: of the run so far.
    """
    state = Signal(intbv(0, min=0, max=4))
    quiet = Signal(intbv(0, min=0, max=SETTLE + 1))
    kind = Signal(intbv(0)[8:])
    index, token, stamp = (Signal(intbv(0)[32:]) for _ in range(3))
    code = Signal(intbv(0)[8:])
    place = Signal(modbv(0)[32:])
    entry = Signal(intbv(0)[ENTRY_BITS:])

    @always_comb
    def offer():
        sink.ready.next = state == IDLE
        source.valid.next = state != IDLE and state != CHECK
        place.next = ring.results + (index & ring.results_mask)
        told.next = state == CHECK and quiet == SETTLE

    @always_comb
    def form():
        source.address.next = place
        entry.next = concat(code, kind, ring.tag[TAG_BITS:], stamp, token, index)

    @always_comb
    def fill():
        source.data.next = entry

    @always_seq(clk.posedge, reset=rst)
    def step():
        if state == IDLE:
            stamp.next = cycles
            if sink.valid:
                index.next = sink.index
                token.next = sink.token
                kind.next = TOKEN
                code.next = concat(sink.by_head, sink.place)
                state.next = OFFER
            elif tell:
                index.next = ended.index
                token.next = ended.position
                kind.next = END
                code.next = ended.code
                state.next = LAST
        elif state == CHECK:
            if not tell:
                state.next = IDLE
        elif source.ready:
            if state == OFFER:
                state.next = IDLE
            else:
                state.next = CHECK

    @always_seq(clk.posedge, reset=rst)
    def settle():
        if state != CHECK or not written:
            quiet.next = 0
        elif quiet != SETTLE:
            quiet.next = quiet + 1
