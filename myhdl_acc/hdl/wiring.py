"""Payload wiring that the stream blocks share: per-field copies, registers and selections.

These are plain ``@block`` helpers, one instance per payload field, so that a block works on any stream whatever
its fields are called. They disappear into the entity that uses them.
"""

from myhdl import ConcatSignal, Signal, always, always_comb, block, intbv


def matching_fields(sink, source):
    """The payload signals of two streams as ``(sink signal, source signal)`` pairs by field name.

    Raises ValueError unless both have the same fields with the same widths and signedness.
    """
    given, wanted = sink.payload(), source.payload()
    if given.keys() != wanted.keys():
        raise ValueError(f"streams with different fields: sink has {list(given)}, source has {list(wanted)}")
    for name, signal in given.items():
        require_same_type(name, signal, wanted[name])
    return [(signal, wanted[name]) for name, signal in given.items()]


def require_same_type(name, signal, other):
    """Raises ValueError unless two signals of field ``name`` have the same width and signedness."""
    if field_type(signal) != field_type(other):
        raise ValueError(
            f"field {name!r}: {len(signal)} bits in one stream, {len(other)} in the other, or their signedness differs"
        )


def field_type(signal):
    """``(width, signed)`` of a payload signal."""
    return len(signal), bool(signal.min is not None and signal.min < 0)


def vector(parts):
    """The signals ``parts`` as one unsigned signal, the first in the lowest bits.

    MyHDL concatenates two signals or more: a single one is returned as it is, a single flag gets a constant 0 above it.
    """
    if len(parts) > 1:
        return ConcatSignal(*reversed(parts))
    return parts[0] if len(parts[0]) > 1 else ConcatSignal(False, parts[0])


def unused(*signals):
    """Marks ports that a configuration of a block does not need, so that conversion accepts them."""
    for signal in signals:
        signal.read = True


@block
def wire(d, q):
    """``q`` is ``d``."""

    @always_comb
    def copy():
        q.next = d


@block
def constant(clk, q, number):
    """``q`` is a number from the first edge on: driven in every cycle, so that conversion takes it for a signal.

    Blocks that differ in a number alone are one entity if it comes in by a port.
    """

    @always(clk.posedge)
    def drive():
        q.next = number


@block
def register(clk, load, d, q):
    """``q`` takes ``d`` at a rising edge with ``load`` high. No reset: payload is only looked at while valid."""

    @always(clk.posedge)
    def store():
        if load:
            q.next = d


@block
def choose(select, a, b, q):
    """``q`` is ``a`` while ``select`` is high, else ``b``."""

    @always_comb
    def multiplex():
        if select:
            q.next = a
        else:
            q.next = b


@block
def equals(index, value, flag):
    """``flag`` is high while the unsigned signal ``index`` is the constant ``value``."""

    @always_comb
    def compare():
        flag.next = index == value


@block
def choose_of(code, values, q):
    """``q`` is the one of ``values`` whose place is ``code``, the first one for a code beyond them."""
    if len(values) == 1:
        unused(code)
        wire(values[0], q)
    chosen = values[0]
    for place, value in enumerate(values[1:], 1):
        flag = Signal(bool(0))
        result = q if place == len(values) - 1 else Signal(type_of(q))
        equals(index=code, value=place, flag=flag)
        choose(select=flag, a=value, b=chosen, q=result)
        chosen = result


@block
def pass_through(sink, source):
    """Connects two streams of the same fields directly."""
    pairs = [*matching_fields(sink, source), (sink.valid, source.valid), (source.ready, sink.ready)]
    for d, q in pairs:
        wire(d, q)


@block
def choose_payload(flags, sinks, source):
    """Gives ``source`` the payload of the stream whose flag is high (of the first where none is).

    At most one of ``flags`` may be high; the chain of two-way selections is flattened by synthesis.
    """
    columns = [matching_fields(sink, source) for sink in sinks]
    instances = []
    for field in range(len(columns[0])):
        target = columns[0][field][1]
        chosen = columns[0][field][0]
        for position in range(1, len(sinks)):
            option = columns[position][field][0]
            result = target if position == len(sinks) - 1 else Signal(type_of(target))
            instances.append(choose(flags[position], option, chosen, result))
            chosen = result
        if len(sinks) == 1:
            instances.append(wire(chosen, target))


def type_of(signal):
    """An initial value of the same type as ``signal``'s, zero."""
    if isinstance(signal.val, bool):
        return bool(0)
    return intbv(0, min=signal.min, max=signal.max)


@block
def both(a, b, q):
    """``q`` is ``a and b``."""

    @always_comb
    def gate():
        q.next = a and b


@block
def bit_field(word, field, first):
    """``field`` = the bits of ``word`` from ``first`` on."""
    if isinstance(field.val, bool):

        @always_comb
        def one():
            field.next = word[first]

        return one
    last = first + len(field)
    if field.min < 0:

        @always_comb
        def number():
            field.next = word[last:first].signed()

        return number

    @always_comb
    def several():
        field.next = word[last:first]

    return several
