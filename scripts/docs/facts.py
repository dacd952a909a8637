"""What pages have generated: a function per fact, each giving Markdown."""

import dataclasses
import importlib

from golden.units.resolve import CONDITIONS
from myhdl_acc.cli.top import top_design
from myhdl_acc.hdl.convert.worker import discover
from myhdl_acc.rtl.config import PRESETS
from myhdl_acc.rtl.control import instruction, isa, register_map
from myhdl_acc.rtl.engine.engine import engine, engine_ports
from myhdl_acc.simulate import Design, clock, reset
from scripts.docs import one_token, vector_tables
from scripts.docs.cycles import cycles, lost
from scripts.docs.resources import lut_shares, resource_report, resource_share, resource_table
from scripts.docs.routed import routed, routed_path, routed_table
from scripts.docs.timing import timing, timing_errors, timing_lacking, timing_paths


def presets():
    """The fields of every preset of AcceleratorConfig and what follows from them."""
    rows = [(f"`{field.name}`", field.name) for field in dataclasses.fields(next(iter(PRESETS.values())))]
    rows += [("atoms of a beat", "atoms"), ("activations in a slice", "slice_len"), ("bits of a sum", "acc_bits")]
    lines = [f"| | {' | '.join(f'`{name}`' for name in PRESETS)} |", f"|---|{'---|' * len(PRESETS)}"]
    for label, name in rows:
        lines.append(f"| {label} | {' | '.join(f'{getattr(config, name):,}' for config in PRESETS.values())} |")
    return "\n".join(lines)


def constant(module, name):
    """A number of a module of myhdl_acc, such as LATENCY of ``rtl.engine.atom_dot``."""
    return f"{getattr(importlib.import_module(f'myhdl_acc.{module}'), name):,}"


def entities(block, preset):
    """The number of distinct entities of a preset's ``engine`` or ``accelerator``."""
    config = PRESETS[preset]
    designs = {
        "accelerator": lambda: top_design(config),
        "engine": lambda: Design(engine, clk=clock(), rst=reset(), **engine_ports(config)),
    }
    return str(len(discover(designs[block]().spec)))


def multipliers(name):
    """Multipliers of a preset's engine: 16 in each atom for every row pair, and 2 for the scales."""
    config = PRESETS[name]
    return f"{config.lanes * config.atoms * config.pairs * 18:,}"


def queue(unit):
    """Instructions that wait in front of a unit."""
    return str(isa.QUEUE_DEPTHS[unit])


def conditions():
    """What ``when`` of an instruction may be."""
    lines = ["| `when` | the instruction is executed if |", "|---|---|"]
    lines += [f"| {code} `{name}` | {text} |" for code, (name, text) in enumerate(CONDITIONS.items())]
    return "\n".join(lines)


FACTS = {
    "conditions": conditions,
    "encoding": instruction.markdown_table,
    "registers": register_map.markdown_table,
    "presets": presets,
    "queue": queue,
    "constant": constant,
    "entities": entities,
    "multipliers": multipliers,
    "cycles": cycles,
    "lost": lost,
    "lut_shares": lut_shares,
    "one_token": one_token.figure,
    "resource_report": resource_report,
    "resource_share": resource_share,
    "resource_table": resource_table,
    "routed": routed,
    "routed_path": routed_path,
    "routed_table": routed_table,
    "timing": timing,
    "timing_errors": timing_errors,
    "timing_lacking": timing_lacking,
    "timing_paths": timing_paths,
    "vector_instructions": vector_tables.instructions,
    "vector_latencies": vector_tables.latencies,
    "vector_waits": vector_tables.waits,
}
