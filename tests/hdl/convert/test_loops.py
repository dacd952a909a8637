"""Combinational loops are found where they are, and only there."""

from myhdl import ConcatSignal, Signal, always, always_comb, always_seq, block, delay, instance, intbv

from myhdl_acc.hdl.convert.loops import CombinationalPaths
from myhdl_acc.hdl.record import Record
from myhdl_acc.hdl.stream import Stream
from myhdl_acc.simulate import clock, reset


def bits(count):
    return [Signal(bool(0)) for _ in range(count)]


def loop(block):
    return CombinationalPaths(block).loop()


def line_of(text):
    with open(__file__) as file:
        return next(number for number, line in enumerate(file, 1) if line.strip() == text)


@block
def inverter(d, q):
    @always_comb
    def invert():
        q.next = not d


@block
def ring(length):
    links = bits(length)
    for index in range(length):
        inverter(links[index - 1], links[index])


def test_a_ring_through_blocks_is_a_loop():
    place = f"test_loops.py:{line_of('q.next = not d')}"
    assert loop(ring(1)) == f"d ({place})"
    assert loop(ring(3)).endswith(f" ({place})")


@block
def line(length):
    links = bits(length + 1)
    for index in range(length):
        inverter(links[index], links[index + 1])


def test_a_line_is_none():
    assert loop(line(3)) is None


@block
def handshakes(sink, source, between):
    """Each process drives two signals, one for either direction."""

    @always_comb
    def first():
        between.valid.next = sink.valid
        sink.ready.next = between.ready

    @always_comb
    def second():
        source.valid.next = between.valid
        between.ready.next = source.ready


def test_assignments_of_one_process_are_apart():
    assert loop(handshakes(Stream(data=1), Stream(data=1), Stream(data=1))) is None


@block
def condition(a, p, q):
    @always_comb
    def first():
        q.next = False
        if p:
            q.next = a

    @always_comb
    def second():
        p.next = q


@block
def choice(words, p, q):
    @always_comb
    def first():
        q.next = words[p]

    @always_comb
    def second():
        p.next[1] = q[0]


def test_conditions_and_indices_count():
    a, p, q = bits(3)
    assert loop(condition(a, p, q)).startswith(("p, q (", "q, p ("))
    words = [Signal(intbv(0)[2:]) for _ in range(4)]
    assert loop(choice(words, *(Signal(intbv(0)[2:]) for _ in range(2))))


@block
def variables(a, b, p, q):
    @always_comb
    def first():
        both = a
        q.next = both
        both = p
        b.next = both

    @always_comb
    def second():
        p.next = q


@block
def carried(word, p, q):
    """What an iteration leaves in a variable reaches the next one."""

    @always_comb
    def first():
        before = False
        for index in range(2):
            q.next = before
            before = word[index] and p

    @always_comb
    def second():
        p.next = q


def test_variables_are_followed():
    assert loop(variables(*bits(4))) is None
    assert loop(carried(Signal(intbv(0)[2:]), *bits(2)))


@block
def shadows(p, q):
    word = ConcatSignal(p, q)
    part = word(1)

    @always_comb
    def first():
        q.next = part


def test_slices_and_concatenations_follow_their_signals():
    """As wholes: that bit 1 is not q is not seen."""
    assert loop(shadows(*bits(2)))


@block
def registers(clk, rst, record, q):
    @always_comb
    def next_one():
        q.next = record.value + 1

    @always_seq(clk.posedge, reset=rst)
    def keep():
        record.value.next = q

    @always(clk.posedge)
    def count():
        record.other.next = not record.other


def test_registers_end_paths():
    assert loop(registers(clock(), reset(), Record(value=4, other=1), Signal(intbv(0)[5:]))) is None


@block
def sensitive(p, q):
    """Two signals follow each other, without always_comb."""

    @always(p)
    def first():
        q.next = p

    @always(q)
    def second():
        p.next = q


@block
def generators(clk, p, q, r):
    @instance
    def first():
        while True:
            yield q, r
            p.next = not q

    @instance
    def second():
        while True:
            yield p, r
            q.next = p

    @instance
    def stimulus():
        yield clk.posedge
        r.next = not r


@block
def stimuli(clk, p, q):
    @instance
    def first():
        while True:
            yield clk.posedge
            p.next = q

    @instance
    def second():
        while True:
            yield delay(1)
            q.next = p


def test_sensitive_to_levels():
    assert loop(sensitive(*bits(2)))
    assert loop(generators(clock(), *bits(3))).startswith(("p, q (", "q, p ("))
    assert loop(stimuli(clock(), *bits(2))) is None


def test_paths_from_port_to_port():
    sink, source, between = (Stream(data=1) for _ in range(3))
    paths = CombinationalPaths(handshakes(sink, source, between))
    found = paths.between(
        {"sink_valid": sink.valid, "source_ready": source.ready}, {"ready": sink.ready, "valid": source.valid}
    )
    forward, back = (
        f"test_loops.py:{line_of(f'{text}')}"
        for text in ("between.valid.next = sink.valid", "source.valid.next = between.valid")
    )
    assert found[0] == ("sink_valid", "valid", (forward, back))
    assert [path[:2] for path in found] == [("sink_valid", "valid"), ("source_ready", "ready")]
