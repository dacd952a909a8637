"""What `u280` takes of the card, from the kept report of ``synth --config u280``."""

import re

from golden.errors import InputError
from myhdl_acc.report.synthesis.report import from_fields, memory_text, number, to_text
from myhdl_acc.report.synthesis.resources import BUDGET, Resources
from myhdl_acc.rtl.config import AcceleratorConfig
from scripts.docs import data

_COLUMNS = {"LUT": "lut", "FF": "ff", "DSP48E2": "dsp", "BRAM36": "bram36", "URAM288": "uram"}


def resource_report():
    """All that ``synth`` prints."""
    return f"```\n{to_text(_synthesis(), AcceleratorConfig.preset('u280'))}\n```"


def resource_share(field):
    """The share of the card that the whole design takes, in per cent."""
    return f"{100 * getattr(_synthesis().total, field) / getattr(BUDGET, field):.0f}"


def resource_table(*names):
    """A row for each entity of these blocks, without the entities below it, and what all its instances take."""
    blocks = [block for name in names for block in _entities(name)]
    used = {label: field for label, field in _COLUMNS.items() if any(getattr(block.own, field) for block in blocks)}
    lines = [f"| block | instances | {' | '.join(used)} | memories |", f"|---|---|{'---|' * len(used)}---|"]
    for block in blocks:
        counts = [_count(getattr(block.own, field)) for field in used.values()]
        lines.append(f"| {block.name} | {block.instances} | {' | '.join(counts)} | {memory_text(block) or '–'} |")
    total = sum((block.own * block.instances for block in blocks), Resources())
    lines.append(f"| these together | | {' | '.join(_count(getattr(total, field)) for field in used.values())} | |")
    shares = [f"{100 * getattr(total, field) / getattr(BUDGET, field):.1f} %" for field in used.values()]
    return "\n".join([*lines, f"| of the platform | | {' | '.join(shares)} | |"])


def lut_shares(*sums):
    """The share of all LUTs in each of ``sums``, blocks with ``+`` between them."""
    total = _synthesis().total.lut
    lines = ["| blocks | of the LUTs |", "|---|---|"]
    for names in sums:
        used = sum(block.own.lut * block.instances for name in names.split("+") for block in _entities(name))
        lines.append(f"| {', '.join(f'`{name}`' for name in names.split('+'))} | {100 * used / total:.0f} % |")
    return "\n".join(lines)


def _synthesis():
    return from_fields(data.read("u280"))


def _entities(name):
    """The entities made of a block: one, or ``name_1``, ``name_2``, … if it occurs with different arguments."""
    found = [block for block in _synthesis().blocks if re.fullmatch(rf"{name}(_\d+)?", block.name)]
    if not found:
        raise InputError(f"docs/data/u280.json: no block {name!r}")
    return found


def _count(value):
    if not value:
        return "–"
    return number(value) if isinstance(value, float) else f"{value:,}"
