"""What Vivado's reports say, of those that vivado/reports.tcl writes: resources, timing, power.

The formats are those of UG906 (utilisation, timing) and UG907 (power).
"""

import re
from pathlib import Path

from golden.errors import InputError

#: Rows of the utilisation report: their names here.
_SITES = {
    "CLB LUTs": "lut",
    "CLB Registers": "ff",
    "DSPs": "dsp",
    "Block RAM Tile": "bram36",
    "URAM": "uram",
}
_TIMING = ("wns", "tns", "tns_failing", "tns_endpoints", "whs", "ths", "ths_failing", "ths_endpoints")
_POWER = {
    "Total On-Chip Power (W)": "total_w",
    "Dynamic (W)": "dynamic_w",
    "Device Static (W)": "static_w",
    "Junction Temperature (C)": "junction_c",
}


def collect(directory):
    """{"resources", "timing", "power"} of ``resources.rpt``, ``timing.rpt`` and ``power.rpt`` in a directory.

    Raises InputError for a report that is missing or has no such table.
    """
    readers = {"resources": resources, "timing": timing, "power": power}
    return {name: read(_text(Path(directory, f"{name}.rpt"))) for name, read in readers.items()}


def _text(path):
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise InputError(f"reports: {path}: {error.strerror}") from None


def resources(text):
    """{"lut": {"used", "available"}, …} of report_utilization."""
    found = {}
    for cells in _rows(text):
        name = _SITES.get(cells[0].rstrip("*"))
        if name and len(cells) > 4:
            found.setdefault(name, {"used": _number(cells[1]), "available": _number(cells[-2])})
    return _all(found, _SITES.values(), "resources.rpt")


def timing(text):
    """Slacks in ns, failing endpoints, the kernel's clock and what it could be, of report_timing_summary."""
    summary = re.search(r"WNS\(ns\).*\n[ -]+\n([^\n]+)", text)
    clocks = re.findall(r"^ *(\S+) +\{[\d. ]+\} +([\d.]+) +([\d.]+) *$", text, re.MULTILINE)
    if not summary or not clocks:
        raise InputError("reports: timing.rpt: no timing summary, or no clock")
    found = dict(zip(_TIMING, map(_number, summary[1].split()), strict=False))
    found = _all(found, _TIMING, "timing.rpt")
    # The kernel's clock by its name; in a design with a clock wizard, the one of its output.
    name, period, frequency = next((clock for clock in clocks if "ap_clk" in clock[0]), clocks[-1])
    return found | {
        "clock": name,
        "period_ns": float(period),
        "mhz": float(frequency),
        "reachable_mhz": round(1000 / (float(period) - found["wns"]), 1),
        "met": found["wns"] >= 0 and found["whs"] >= 0,
    }


def power(text):
    """Watts and degrees of report_power."""
    found = {}
    for cells in _rows(text):
        if cells[0] in _POWER and len(cells) == 2:
            found.setdefault(_POWER[cells[0]], _number(cells[1]))
    return _all(found, _POWER.values(), "power.rpt")


def _rows(text):
    """The cells of every line of a table with bars."""
    for line in text.splitlines():
        if line.startswith("|"):
            yield [cell.strip() for cell in line.strip().strip("|").split("|")]


def _number(text):
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        raise InputError(f"reports: {text!r} is no number") from None


def _all(found, names, report):
    missing = [name for name in names if name not in found]
    if missing:
        raise InputError(f"reports: {report}: no {', '.join(missing)}")
    return found
