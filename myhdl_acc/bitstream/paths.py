"""What nextpnr reports of a routed design: its clock, and the path that limits it."""

import json
import re

#: A cell of an entity's instance begins with the instances around it.
_INSTANCE = re.compile(r"u_(\w+?)\d*\.")


def block_of(cell):
    """The innermost entity of a cell by its name: ``u_system.u_board.u_engine0.value_LUT4_Z`` is of ``engine``."""
    found = _INSTANCE.findall(cell)
    return found[-1] if found else "top"


def critical_path(steps):
    """Of a path of nextpnr's report: ``ns``, of these ``logic`` and ``route``; ``cells`` that it leads through, and
    ``blocks`` {entity: ns} in the order of the path."""
    logic = sum(step["delay"] for step in steps if step["type"] != "routing")
    route = sum(step["delay"] for step in steps if step["type"] == "routing")
    blocks = {}
    for step in steps:
        name = block_of(step["to"]["cell"])
        blocks[name] = blocks.get(name, 0) + step["delay"]
    return {
        "ns": round(logic + route, 2),
        "logic": round(logic, 2),
        "route": round(route, 2),
        "cells": sum(step["type"] == "logic" for step in steps),
        "from": steps[0]["from"]["cell"],
        "to": steps[-1]["to"]["cell"],
        "blocks": {name: round(ns, 2) for name, ns in blocks.items()},
    }


def routed(text):
    """Of nextpnr's report (JSON): ``mhz`` that the slowest clock reaches, ``utilisation`` {cell: (used, available)},
    ``critical_path`` within that clock."""
    report = json.loads(text)
    clock = min(report["fmax"], key=lambda name: report["fmax"][name]["achieved"] / report["fmax"][name]["constraint"])
    inside = [path for path in report["critical_paths"] if clock in path["from"] and clock in path["to"]]
    return {
        "mhz": round(report["fmax"][clock]["achieved"], 2),
        "utilisation": {name: (use["used"], use["available"]) for name, use in report["utilization"].items()},
        "critical_path": critical_path(inside[0]["path"]) if inside else None,
    }
