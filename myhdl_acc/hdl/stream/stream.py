"""The stream: valid/ready handshake with named payload fields.

Transfer rules, asserted by ``simulate.monitor`` in every simulation (after the Amaranth stream RFC and AXI4-Stream):

1. A transfer happens on a rising clock edge at which ``valid`` and ``ready`` are both high.
2. Once ``valid`` is high it stays high until the transfer.
3. While ``valid`` is high and no transfer has happened, no payload field changes.
4. ``valid`` never depends combinationally on ``ready`` of the same stream, so no handshake can deadlock.
"""

from myhdl import Signal

from myhdl_acc.hdl.record import Array, Record, member, signed, unsigned, view
from myhdl_acc.hdl.stream.arbiter import arbiter
from myhdl_acc.hdl.stream.conditional import halt_when
from myhdl_acc.hdl.stream.fifo import fifo
from myhdl_acc.hdl.stream.fork import stream_fork
from myhdl_acc.hdl.stream.half_pipe import half_pipe
from myhdl_acc.hdl.stream.m2s_pipe import m2s_pipe
from myhdl_acc.hdl.stream.s2m_pipe import s2m_pipe
from myhdl_acc.hdl.stream.width_converter import width_converter
from myhdl_acc.hdl.wiring import both, pass_through

__all__ = ["Array", "Record", "Stream", "signed", "unsigned"]

IDLE, STARVED, STALLED, TRANSFER = range(4)
STATES = ("idle", "starved", "stalled", "transfer")
"""A stream's state in a cycle, indexed by 2·valid + ready. Exactly one of them holds."""


class Stream(Record):
    """``valid``, ``ready`` and payload signals.

    ``Stream(data=8, last=1)`` has unsigned fields of the given widths; pass ``signed(n)`` for a two's-complement
    field. Field order is declaration order; in a packed word the first field takes the least significant bits.
    In a block's argument list an input stream is called ``sink…`` and an output stream ``source…``.

    A link is a chain of stages: ``commands.fifo(4).m2s_pipe() >> reads``. A stage is a block of this package with the
    clock and the reset of the block in which the chain is built; it gives the stream behind it.
    """

    def __init__(self, **fields):
        self.valid = Signal(bool(0))
        self.ready = Signal(bool(0))
        for name, field in fields.items():
            if name in ("valid", "ready"):
                raise ValueError(f"a payload field cannot be called {name!r}: the handshake has that name")
            setattr(self, name, member(field))

    def payload(self):
        """The payload signals by field name, in declaration order."""
        return {name: sig for name, sig in vars(self).items() if name not in ("valid", "ready")}

    def __rshift__(self, other):
        """``a >> b``: the two streams, which have the same fields, are one; gives ``b``."""
        pass_through(self, other)
        return other

    def fire(self):
        """A signal that is high in the cycles of a transfer."""
        fires = Signal(bool(0))
        both(self.valid, self.ready, fires)
        return fires

    def m2s_pipe(self):
        return self._behind(m2s_pipe)

    def s2m_pipe(self):
        return self._behind(s2m_pipe)

    def half_pipe(self):
        return self._behind(half_pipe)

    def fifo(self, depth, occupancy=None):
        return self._behind(fifo, depth=depth, occupancy=occupancy)

    def halt_when(self, condition):
        return self._behind(halt_when, condition=condition)

    def arbitrate(self, *others, policy="round_robin"):
        """One word at a time of this stream and the others."""
        source = self.like()
        arbiter(sink=Array("ch", [self, *others]), source=source, policy=policy)
        return source

    def fork(self, count):
        """An Array of ``count`` streams that all get every word."""
        source = Array("ch", [self.like() for _ in range(count)])
        stream_fork(sink=self, source=source)
        return source

    def convert_width(self, **fields):
        """The same words in a stream with other widths, see width_converter."""
        source = Stream(**fields)
        width_converter(sink=self, source=source)
        return source

    def decode(self, places, like=None):
        """A stream of the fields of this one's ``word``, see ``record.view``."""
        fields = view(self.word, places, like and Record(**like.payload()))
        return self.translate_with(fields)

    def translate_with(self, fields):
        """This stream's handshake with the signals of the Record ``fields`` as payload: nothing is built."""
        source = Stream(**fields.members())
        source.valid, source.ready = self.valid, self.ready
        return source

    def _behind(self, stage, **constants):
        source = self.like()
        stage(sink=self, source=source, **constants)
        return source
