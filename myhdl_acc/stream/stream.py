"""The stream: valid/ready handshake with named payload fields.

Transfer rules, asserted by ``stream.monitor`` in every simulation (after the Amaranth stream RFC and AXI4-Stream):

1. A transfer happens on a rising clock edge at which ``valid`` and ``ready`` are both high.
2. Once ``valid`` is high it stays high until the transfer.
3. While ``valid`` is high and no transfer has happened, no payload field changes.
4. ``valid`` never depends combinationally on ``ready`` of the same stream, so no handshake can deadlock.
"""

from myhdl import Signal, intbv


def unsigned(width):
    """Initial value of an unsigned payload field of ``width`` bits; one bit is a ``bool``."""
    return bool(0) if width == 1 else intbv(0)[width:]


def signed(width):
    """Initial value of a two's-complement payload field of ``width`` bits."""
    return intbv(0, min=-(1 << (width - 1)), max=1 << (width - 1))


class Stream:
    """A bundle of ``valid``, ``ready`` and payload signals.

    ``Stream(data=8, last=1)`` has unsigned fields of the given widths; pass ``signed(n)`` for a two's-complement
    field. Field order is declaration order; in a packed word the first field takes the least significant bits.
    In a block's argument list an input stream is called ``sink…`` and an output stream ``source…``.
    """

    def __init__(self, **fields):
        self.valid = Signal(bool(0))
        self.ready = Signal(bool(0))
        for name, field in fields.items():
            if name in ("valid", "ready"):
                raise ValueError(f"a payload field cannot be called {name!r}: the handshake has that name")
            setattr(self, name, Signal(unsigned(field) if type(field) is int else field))

    def payload(self):
        """The payload signals by field name, in declaration order."""
        return {name: sig for name, sig in vars(self).items() if name not in ("valid", "ready")}

    def like(self):
        """A new stream with the same fields."""
        return type(self)(**{name: sig.val for name, sig in self.payload().items()})


class Bundle:
    """Several streams or signals as one block argument.

    MyHDL drops a *list* of interfaces from a port list without a word, so members are attributes
    ``<prefix>00, <prefix>01, …``; ``list(bundle)`` gives them in order.
    """

    def __init__(self, prefix, members):
        for index, member in enumerate(members):
            setattr(self, f"{prefix}{index:02d}", member)

    def __iter__(self):
        return iter(vars(self).values())

    def __len__(self):
        return len(vars(self))

    def __getitem__(self, index):
        return list(vars(self).values())[index]
