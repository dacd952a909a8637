"""The routed design of a board, from the kept report of ``myhdl-acc bitstream``."""

from scripts.docs import data

#: What nextpnr counts, by the name that readers know.
_CELLS = {
    "LUTs": "TRELLIS_COMB",
    "flip-flops": "TRELLIS_FF",
    "multipliers": "MULT18X18D",
    "block RAMs of 18 kbit": "DP16KD",
    "slices as RAM": "TRELLIS_RAMW",
}


def routed_table():
    """What it takes of the part."""
    used = _report()["utilisation"]
    rows = [(name, *used[cell]) for name, cell in _CELLS.items()]
    lines = [
        f"| {name} | {count:,} | {available:,} | {100 * count / available:.0f} % |" for name, count, available in rows
    ]
    return "\n".join(["| | used | of | share |", "|---|---:|---:|---:|", *lines])


def routed_path():
    """The slowest path, entity by entity in its order."""
    blocks = _report()["critical_path"]["blocks"]
    lines = [f"| `{name}` | {ns:.2f} |" for name, ns in blocks.items()]
    return "\n".join(["| entity | ns |", "|---|---:|", *lines])


def routed(field):
    """``mhz``, ``clock_mhz``, or of the slowest path ``ns``, ``route_share`` (per cent) or ``cells``."""
    report = _report()
    path = report["critical_path"]
    values = {"route_share": round(100 * path["route"] / path["ns"]), "ns": path["ns"], "cells": path["cells"]}
    return f"{values.get(field, report.get(field)):g}"


def _report():
    return data.read("ulx3s")
