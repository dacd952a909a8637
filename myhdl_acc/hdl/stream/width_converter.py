"""Narrow words to wide words and back, by an integer ratio."""

from myhdl import Signal, always, always_comb, always_seq, block, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.wiring import (
    both,
    field_type,
    pass_through,
    register,
    require_same_type,
    type_of,
    unused,
    vector,
    wire,
)


@block
def part_register(clk, load, index, place, d, q):
    """Part ``place`` of a wide word: loaded in its turn, cleared when a new word begins."""

    @always(clk.posedge)
    def store():
        if load:
            if index == place:
                q.next = d
            elif index == 0:
                q.next = 0


@block
def as_bits(d, q):
    """The bits of a two's-complement signal as an unsigned one."""
    width = len(d)

    @always_comb
    def convert():
        q.next = d[width:]


@block
def shift_register(clk, load, shift, d, q, distance):
    """Takes a wide word, then moves it down by ``distance`` bits at a time."""

    @always(clk.posedge)
    def move():
        if load:
            q.next = d
        elif shift:
            q.next = q >> distance


@block
def lowest_bit(word, q):
    """The least significant bit of a wide word."""

    @always_comb
    def tap():
        q.next = word[0]


@block
def lowest_unsigned(word, q):
    """The least significant part of a wide word."""
    width = len(q)

    @always_comb
    def tap():
        q.next = word[width:]


@block
def lowest_signed(word, q):
    """The least significant part of a wide word as a two's-complement number."""
    width = len(q)

    @always_comb
    def tap():
        q.next = word[width:].signed()


@block
def lowest_part(word, q):
    """Gives ``q`` the least significant bits of ``word``, as ``q``'s own type."""
    if isinstance(q.val, bool):
        return lowest_bit(word, q)
    return lowest_signed(word, q) if field_type(q)[1] else lowest_unsigned(word, q)


@block
def either(a, b, q):
    """``q`` is ``a or b``."""

    @always_comb
    def gate():
        q.next = a or b


@block
def widen(clk, rst, sink, source, ratio):
    """``ratio`` narrow words, or fewer up to one with ``last``, become a wide one."""
    position = Signal(intbv(0, min=0, max=ratio))
    full, accept, load, complete, at_end = (Signal(bool(0)) for _ in range(5))
    final = ratio - 1
    narrow = sink.payload()
    wide = source.payload()

    @always_comb
    def state():
        accept.next = source.ready or not full
        at_end.next = position == final

    @always_comb
    def handshake():
        load.next = sink.valid and accept
        sink.ready.next = accept
        source.valid.next = full

    @always_seq(clk.posedge, reset=rst)
    def occupy():
        if accept:
            full.next = sink.valid and complete
        if load:
            if complete:
                position.next = 0
            else:
                position.next = position + 1

    instances = [state, handshake, occupy]
    if "last" in narrow:
        instances += [either(at_end, sink.last, complete), register(clk, load, sink.last, source.last)]
    else:
        instances.append(wire(at_end, complete))
    for name, word in wide.items():
        if name == "last":
            continue
        width, is_signed = field_type(narrow[name])
        bits = narrow[name]
        if is_signed:
            bits = Signal(intbv(0)[width:])
            instances.append(as_bits(narrow[name], bits))
        parts = [Signal(type_of(bits)) for _ in range(ratio)]
        instances += [
            part_register(load=load, index=position, place=place, d=bits, q=part) for place, part in enumerate(parts)
        ]
        instances.append(wire(vector(parts), word))


@block
def narrow_down(clk, rst, sink, source, ratio):
    """A wide word becomes ``ratio`` narrow ones, the least significant first."""
    position = Signal(intbv(0, min=0, max=ratio))
    busy, accept, load, shift, at_end = (Signal(bool(0)) for _ in range(5))
    final = ratio - 1
    wide = sink.payload()

    @always_comb
    def state():
        at_end.next = position == final

    @always_comb
    def advance():
        accept.next = not busy or (at_end and source.ready)
        shift.next = busy and source.ready

    @always_comb
    def handshake():
        load.next = sink.valid and accept
        sink.ready.next = accept
        source.valid.next = busy

    @always_seq(clk.posedge, reset=rst)
    def occupy():
        if accept:
            busy.next = sink.valid
            position.next = 0
        elif shift:
            position.next = position + 1

    instances = [state, advance, handshake, occupy]
    if "last" in wide:
        ends = Signal(bool(0))
        instances += [register(clk, load, sink.last, ends), both(ends, at_end, source.last)]
    for name, part in source.payload().items():
        if name != "last":
            held = Signal(type_of(wide[name]))
            instances.append(shift_register(load=load, shift=shift, d=wide[name], q=held, distance=len(part)))
            instances.append(lowest_part(held, part))


def width_ratio(narrow, wide):
    """How many words of stream ``narrow`` make one of ``wide``, the same for every field but ``last``.

    Raises ValueError if the fields differ, if a wide field is signed or not an exact multiple, or if ratios differ.
    """
    parts, words = narrow.payload(), wide.payload()
    if parts.keys() != words.keys():
        raise ValueError(f"width_converter: fields {list(parts)} on one side, {list(words)} on the other")
    ratios = set()
    for name, part in parts.items():
        if name == "last":
            require_same_type(name, part, words[name])
            continue
        if field_type(words[name])[1]:
            raise ValueError(f"width_converter: the wide field {name!r} must be unsigned, it is made of several words")
        ratios.add(len(words[name]) / len(part))
    if len(ratios) != 1 or not min(ratios).is_integer():
        raise ValueError(f"width_converter: widths must have one integer ratio, not {sorted(ratios)}")
    return int(ratios.pop())


@entity
def width_converter(clk, rst, sink, source):
    """Packs several words into one or takes one apart (SpinalHDL ``StreamWidthAdapter``), the first least significant.

    sink, source: streams of the same fields; all but ``last`` are wider on one side by the same integer ratio, which
    need not be a power of two. The fields of the wide side are unsigned. Widening: latency 1 cycle after the last part,
    a narrow word per cycle; a narrow word with ``last`` completes the wide one at once, the missing parts are 0.
    Narrowing: latency 1 cycle to the first part, a narrow word per cycle; ``last`` comes with the last part. Both
    register ``valid`` and payload; ``ready`` passes through. Equal widths are wires. Raises ValueError for others.
    """
    widths = [sum(len(signal) for signal in stream.payload().values()) for stream in (sink, source)]
    if widths[0] == widths[1]:
        unused(clk, rst)
        return pass_through(sink, source)
    if widths[0] < widths[1]:
        return widen(sink=sink, source=source, ratio=width_ratio(sink, source))
    return narrow_down(sink=sink, source=source, ratio=width_ratio(source, sink))
