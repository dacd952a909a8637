"""A token again with half the depth of the prefetch queues: what that costs in cycles, and which memory it saves."""

from dataclasses import dataclass

from myhdl_acc.hdl.stream.fifo import fifo
from myhdl_acc.hdl.stream.stream import Stream
from myhdl_acc.report.synthesis import Resources, synthesise
from myhdl_acc.simulate.design import Design, clock, reset
from myhdl_acc.trace.run import Run
from myhdl_acc.viz.token_bars import fill_text

_MEMORIES = {"uram": "UltraRAMs", "bram36": "block RAMs", "lut": "LUTs"}
"""What beats may lie in. Counters take LUTs as well."""


@dataclass(frozen=True)
class HalfDepth:
    """The Run with half the depth, and the Resources of all lanes' queues at the whole depth and at half of it."""

    run: Run
    whole: Resources
    half: Resources


def queue_memory(config):
    """The Resources of the prefetch queues of all lanes, by Yosys: some seconds the first time."""
    ends = {end: Stream(data=config.beat_bits) for end in ("sink", "source")}
    design = Design(fifo, clk=clock(), rst=reset(), **ends, depth=config.prefetch)
    return synthesise(design).total * config.lanes


def half_text(run, half):
    """Lines that a HalfDepth has to say beside the Run with the whole depth: fill, cycles, memory of all queues."""
    more = half.run.cycles - run.cycles
    return (
        f"Half of it, {fill_text(half.run)}\n"
        f"{half.run.cycles:,} cycles, {more:+,} ({more / run.cycles:+.1%})\n"
        f"all queues take {_memory_text(half.whole, half.half)}"
    )


def _memory_text(whole, half):
    """``16 → 8 block RAMs, 124 → 120 LUTs``."""
    pairs = [(getattr(whole, field), getattr(half, field), name) for field, name in _MEMORIES.items()]
    return ", ".join(f"{before:,g} → {after:,g} {name}" for before, after, name in pairs if before or after)
