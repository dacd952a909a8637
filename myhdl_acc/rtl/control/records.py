"""What the blocks of control tell each other, and the units outside, as records."""

from myhdl_acc.hdl.record import Array, Record
from myhdl_acc.hdl.stream.stream import Stream
from myhdl_acc.rtl.control.isa import COMMON, INSTRUCTION_BITS
from myhdl_acc.rtl.control.register_map import ADDRESS_BITS, BUSY_UNITS, request_registers
from myhdl_acc.rtl.engine.command import write_stream
from myhdl_acc.rtl.memory.channels import read_command_stream

#: The units that instructions are given to.
INSTRUCTED = ("read", "engine", "load", "vector")


def axi_lite():
    """The AXI4-Lite channels of the registers, as their slave has them."""
    return Record(
        sink_aw=Stream(address=ADDRESS_BITS),
        sink_w=Stream(data=32, strobe=4),
        source_b=Stream(resp=2),
        sink_ar=Stream(address=ADDRESS_BITS),
        source_r=Stream(data=32, resp=2),
    )


def memory(config):
    """What control reads and writes itself: the program and the prompt, the ring of results."""
    return Record(
        source_command=read_command_stream(),
        sink_beat=Stream(data=config.beat_bits),
        source_result=write_stream(config),
    )


def units():
    """A stream of instructions to each unit, as their source has them. An instruction of the engine goes to ``read``,
    too, which reads its beats."""
    return Record(**{f"source_{unit}": Stream(word=INSTRUCTION_BITS) for unit in INSTRUCTED})


def errors():
    """What went wrong outside, until the next reset: a read, a write, a code that is none."""
    return Record(read=1, write=1, engine=1)


def outside():
    """What control sees of the units. ``idle``: nothing to do, all memory transactions acknowledged. ``error``: see
    errors. ``activity``: something moved now or a cycle ago. ``transactions_open``: at a port of memory."""
    idle = Record(**dict.fromkeys(BUSY_UNITS, 1))
    return Record(idle=idle, error=errors(), activity=1, transactions_open=1)


def seen():
    """What dispatch sees: words that were asked for still come (``fetching``); the host was ``told``; ``activity`` and
    ``error`` of outside(). ``busy``: a bit for each of register_map.BUSY_UNITS, low when its queue is empty and it has
    nothing to do."""
    return Record(fetching=1, told=1, busy=len(BUSY_UNITS), activity=1, error=errors())


def watched(config):
    """What registers show of the rows and the lanes: ``token``, a lane's ``state`` and whether it had a ``beat``."""
    return Record(
        token=Array("row", [Record(word=32).word for _ in range(config.rows)]),
        state=Array("lane", [Record(code=3).code for _ in range(config.lanes)]),
        beat=Array("lane", [Record(flag=1).flag for _ in range(config.lanes)]),
    )


def orders():
    """What control tells the outside: ``halt`` keeps memory units from beginning transactions; a program is
    ``running``; the ``interrupt_request``."""
    return Record(halt=1, running=1, interrupt_request=1)


def arguments(config):
    """What a run takes from the registers: all of these but ``stop`` stay as they are while it goes on."""
    own = ("program", "instructions", "watchdog", "temperature", "seed", "seed_high")
    return Record(**dict.fromkeys((*own, *(register.name for register in request_registers(config.rows))), 32))


def requests():
    """What the host wants: ``start`` (ap_start), a pulse of ``reset``, ``interrupt``: its line."""
    return Record(start=1, reset=1, interrupt=1)


def progress():
    """Of a run: ``launch`` pulses at its begin, ``done`` at its end; it is ``running`` between.

    ``settled``: the units have had nothing to do for a while. ``tell``: the host is to be told how it ended. ``stop``:
    what still comes of the program is thrown away."""
    return Record(launch=1, done=1, running=1, settled=1, tell=1, stop=1)


def outcome():
    """How a run ended: ``code`` of register_map.STATUS, the ``unit`` field of the word at fault. Which units were not
    idle (``stuck``), the ``number`` of words dispatched."""
    return Record(code=8, unit=COMMON["unit"][1], stuck=len(BUSY_UNITS), number=32)


def registers():
    """What the registers show besides what they hold, and the counter that is read."""
    return Record(status=32, instruction=32, cycles=32, counter=32)
