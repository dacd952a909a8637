"""Asserts the transfer rules of streams while MyHDL simulates, those inside a design included."""

import contextlib

from myhdl import block, instance

from myhdl_acc.hdl.convert import entity as entities
from myhdl_acc.hdl.stream.stream import Stream
from myhdl_acc.simulate.stimulus import SimulationError


class TransferRuleError(SimulationError):
    """A stream broke a transfer rule; the message names the stream, the cycle, the rule and the values."""


@block
def monitor(clk, rst, stream, name, unit_reset=False):
    """Watches ``stream`` (called ``name`` in messages) at every rising edge of ``clk`` with both resets low.

    Raises TransferRuleError if ``valid`` falls (rule 2) or a payload field changes (rule 3) before an offered word is
    transferred. Rule 1 is the definition of a transfer; rule 4, no path from ``ready`` to ``valid``, is a property of
    the netlist, which ``formal.check_rule_four`` checks. Cycles count from the end of the reset. For simulation
    only: it cannot be converted.
    """
    fields = list(stream.payload().items())

    @instance
    def watch():
        held, cycle = None, -1
        while True:
            yield clk.posedge
            if rst or unit_reset:
                held, cycle = None, -1
                continue
            cycle += 1
            if held is None and (stream.ready or not stream.valid):
                continue
            if not stream.valid:
                raise TransferRuleError(f"{name}: valid fell in cycle {cycle} before the word was taken (rule 2)")
            word = [int(signal) for _, signal in fields]
            if held is not None and word != held:
                changes = ", ".join(
                    f"{field} from {before} to {after}"
                    for (field, _), before, after in zip(fields, held, word, strict=True)
                    if before != after
                )
                raise TransferRuleError(
                    f"{name}: the payload changed in cycle {cycle} before the word was taken (rule 3): {changes}"
                )
            held = None if stream.ready else word

    return watch


def streams_within(name, value):
    """Yield (name as MyHDL flattens it, stream) for every stream in a block argument."""
    if isinstance(value, Stream):
        yield name, value
    elif not isinstance(value, type) and hasattr(value, "__dict__"):
        for attribute, member in vars(value).items():
            yield from streams_within(f"{name}_{attribute}", member)


def monitors_of(block_name, arguments):
    """Monitors for all streams among the arguments (by name) of a block that has ``clk`` and ``rst``.

    An output ``unit_reset`` of the block is a reset that it gives to the streams' other ends.
    """
    if "clk" not in arguments or "rst" not in arguments:
        return []
    found = [item for name, value in arguments.items() for item in streams_within(name, value)]
    return [
        monitor(
            arguments["clk"],
            arguments["rst"],
            stream,
            f"{block_name}.{stream_name}",
            unit_reset=arguments.get("unit_reset", False),
        )
        for stream_name, stream in found
    ]


@contextlib.contextmanager
def monitoring(*checks):
    """Every entity that is instantiated for simulation in this context is watched.

    ``checks``: functions of an entity's name and its arguments (by name) that give instances.
    """
    before = entities.simulation_checks
    entities.simulation_checks = lambda name, arguments: [
        watching for check in checks for watching in check(name, arguments)
    ]
    try:
        yield
    finally:
        entities.simulation_checks = before
