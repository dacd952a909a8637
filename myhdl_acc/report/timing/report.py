"""What an estimate found, as the JSON of ``synth --timing --json`` and as text."""

from collections import Counter

#: A path of more levels of logic than this is marked.
DEEP = 12
_ROW = "{:>6} {:>6} {:>6} {:>6}  {}"
_HEAD = ("ns", "MHz", "wires", "levels", "through")


def to_fields(found, instances):
    """Of an Estimate; ``instances`` {entity: how often it is there}. ``lacking``: cells of the whole design."""
    lacking = {
        name: {what: instances[name] * number for what, number in Counter(cells.values()).items()}
        for name, cells in found.lacking.items()
    }
    return {
        "part": found.part,
        "mhz": round(found.mhz, 1),
        "method": "estimated",
        "paths": [_path(path) for path in found.paths],
        "lacking": lacking,
    }


def _path(path):
    return {
        "ns": round(path.ns, 3),
        "wires": round(path.wires, 3),
        "levels": path.levels,
        "from": path.start,
        "to": path.end,
        "blocks": [[hop.entity, round(hop.ns, 3)] for hop in path.hops],
    }


def to_text(fields, most=20):
    """The lines of ``synth --timing``: the slowest paths, and which cells lack a register."""
    return "\n".join(_lines(fields, most))


def _lines(fields, most):
    yield f"clock: {fields['mhz']} MHz estimated, {fields['part']}, by delays of Yosys' netlist; nothing is placed"
    yield ""
    yield _ROW.format(*_HEAD)
    for path in fields["paths"][:most]:
        blocks = " > ".join(f"{name} {ns:.2f}" for name, ns in path["blocks"])
        deep = "  deep" if path["levels"] > DEEP else ""
        share = f"{path['wires'] / path['ns']:.0%}"
        yield _ROW.format(f"{path['ns']:.2f}", f"{1000 / path['ns']:.0f}", share, path["levels"], blocks + deep)
        yield _ROW.format("", "", "", "", f"  {path['from']} -> {path['to']}")
    for name, lacking in fields["lacking"].items():
        for what, number in lacking.items():
            yield f"{number:,} cells of {name} lack {what}"
