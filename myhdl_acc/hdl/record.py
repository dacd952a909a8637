"""Named signals that belong together: one argument of a block, one wire between two."""

from myhdl import Signal, intbv
from myhdl._Signal import _Signal

from myhdl_acc.hdl.delay import delay, delay_reset
from myhdl_acc.hdl.wiring import bit_field, type_of, wire


def unsigned(width):
    """Initial value of an unsigned field of ``width`` bits; one bit is a ``bool``."""
    return bool(0) if width == 1 else intbv(0)[width:]


def signed(width):
    """Initial value of a two's-complement field of ``width`` bits."""
    return intbv(0, min=-(1 << (width - 1)), max=1 << (width - 1))


class Record:
    """Signals by name, as attributes: ``Record(address=16, number=signed(7), sum=Record(low=4, high=4))``.

    A field is a width (unsigned), an initial value, or what exists already: a signal, a record, an array, a stream.
    A block's output is a record that its ``outputs`` names; streams in a record are called ``sink…`` or ``source…`` as
    among the arguments of a block, and have their own direction.
    """

    def __init__(self, **fields):
        for name, field in fields.items():
            setattr(self, name, member(field))

    def members(self):
        """What is in the record, by name, in the order of declaration."""
        return dict(vars(self))

    def like(self):
        """A new record with the same fields."""
        return fresh(self)

    def only(self, *names):
        """A record of these members: nothing is built."""
        return Record(**{name: getattr(self, name) for name in names})

    def flipped(self):
        """The same streams from the other end: what was a ``sink…`` is a ``source…``."""
        other = {"sink": "source", "source": "sink"}
        ends = {name.partition("_"): stream for name, stream in vars(self).items()}
        return Record(**{f"{other[end]}_{name}": stream for (end, _, name), stream in ends.items()})

    def __rshift__(self, other):
        """``a >> b``: every member of ``b`` is the one of ``a`` with its name; gives ``b``."""
        for name, target in vars(other).items():
            given = getattr(self, name)
            if isinstance(target, _Signal):
                wire(given, target)
            else:
                given >> target
        return other

    def delay(self, cycles, reset=()):
        """The record of ``cycles`` ago; the signals named in ``reset`` are 0 after a reset, others are not touched."""
        late = self.like()
        for name, signal in vars(self).items():
            if not isinstance(signal, _Signal):
                signal.delay(cycles, reset) >> getattr(late, name)
            elif name in reset:
                delay_reset(d=signal, q=getattr(late, name), stages=cycles)
            else:
                delay(d=signal, q=getattr(late, name), stages=cycles)
        return late


class Array:
    """Several streams, records or signals as one argument of a block.

    MyHDL drops a *list* of interfaces from a port list without a word, so members are attributes
    ``<prefix>00, <prefix>01, …``; ``list(array)`` gives them in order.
    """

    def __init__(self, prefix, members):
        for index, one in enumerate(members):
            setattr(self, f"{prefix}{index:02d}", one)

    def __iter__(self):
        return iter(vars(self).values())

    def __len__(self):
        return len(vars(self))

    def __getitem__(self, index):
        return list(vars(self).values())[index]


def member(field):
    """The signal or interface of a record's field."""
    if type(field) is int:
        return Signal(unsigned(field))
    return Signal(field) if isinstance(field, bool | intbv) else field


def fresh(value):
    """New signals, of the types and in the structure of ``value``."""
    if isinstance(value, _Signal):
        return Signal(type_of(value))
    if not hasattr(value, "__dict__"):
        return value
    copy = type(value).__new__(type(value))
    for name, item in vars(value).items():
        setattr(copy, name, fresh(item))
    return copy


def view(word, places, like=None):
    """The fields of the signal ``word`` as a Record: ``places`` maps their names to (first bit, width).

    ``like``: a record whose fields are wanted instead, with its widths; narrower fields are the lower bits.
    """
    fields = Record(**{name: width for name, (_, width) in places.items()}) if like is None else fresh(like)
    for name, field in vars(fields).items():
        bit_field(word, field, places[name][0])
    return fields


def bits(word, first, width):
    """A signal of the ``width`` bits of ``word`` from ``first`` on: a slice that can be a port, of any signal."""
    part = Signal(unsigned(width))
    bit_field(word, part, first)
    return part
