"""What a synthesis found, as the JSON of ``synth --json`` and as text."""

from dataclasses import asdict, fields

from myhdl_acc.report.synthesis.hierarchy import Block, Synthesis
from myhdl_acc.report.synthesis.macs import PEERS, macs
from myhdl_acc.report.synthesis.resources import BUDGET, Resources

_FIELDS = tuple(field.name for field in fields(Resources))
_ROW = "{:<26} {:>9} {:>9} {:>9} {:>6} {:>7} {:>6} {:>5}  {}"
_HEAD = ("one, without those below", "instances", "LUT", "FF", "DSP", "BRAM36", "URAM", "depth", "memories")


def to_fields(synthesis):
    """``blocks`` by name in the order of the Synthesis, ``total``, and the card's ``budget``."""
    blocks = {
        block.name: asdict(block.own) | {"depth": block.depth, "instances": block.instances, "memories": block.memories}
        for block in synthesis.blocks
    }
    total = asdict(synthesis.total) | {"depth": synthesis.depth}
    return {"top": synthesis.top, "blocks": blocks, "total": total, "budget": asdict(BUDGET)}


def from_fields(found):
    """The inverse of to_fields()."""
    blocks = [
        Block(name, block["instances"], _resources(block), block["depth"], block["memories"])
        for name, block in found["blocks"].items()
    ]
    return Synthesis(found["top"], blocks, _resources(found["total"]))


def _resources(values):
    return Resources(**{name: values[name] for name in _FIELDS})


def to_text(synthesis, config):
    """The table of ``synth``: a line for every block, the total, and LUT and DSP per multiply-accumulate."""
    return "\n".join([*_block_lines(synthesis), "", *_total_lines(synthesis.total), "", *_mac_lines(config, synthesis)])


def _block_lines(synthesis):
    yield _ROW.format(*_HEAD)
    for block in synthesis.blocks:
        values = [number(getattr(block.own, field)) for field in _FIELDS]
        yield _ROW.format(block.name, block.instances, *values, block.depth, memory_text(block)).rstrip()


def memory_text(block):
    """A block's memories as text."""
    return ", ".join(f"{count} {kind}" for kind, count in sorted(block.memories.items()))


def _total_lines(total):
    totals, budgets = ([getattr(each, field) for field in _FIELDS] for each in (total, BUDGET))
    shares = [f"{100 * used / there:.1f} %" for used, there in zip(totals, budgets, strict=True)]
    for label, values in (
        ("total", map(number, totals)),
        ("U280 without its platform", budgets),
        ("share", shares),
    ):
        yield _ROW.format(label, "", *values, "", "").rstrip()


def _mac_lines(config, synthesis):
    line = "{:<40} {:<16} {:>8} {:>8}  {}"
    multiplied, dense = macs(config)
    yield line.format("per multiply-accumulate in a cycle", "numbers", "LUT", "DSP", "").rstrip()
    for label, count in (("multiplied", multiplied), ("dense-equivalent (2:4)", dense)):
        values = [f"{synthesis.total.lut / count:.1f}", f"{synthesis.total.dsp / count:.2f}"]
        yield line.format(f"this, {count:,} {label}", "2…8 bit × int8", *values, "").rstrip()
    for peer in PEERS:
        yield line.format(peer.name, peer.numbers, peer.lut, peer.dsp, peer.source)
    yield "The others are dense cores, measured by us from their sources with the same tool and options."


def number(value):
    """A count as text: halves of a block RAM have a decimal."""
    return f"{value:g}" if isinstance(value, float) else str(value)
