"""What a build found, as text."""

from myhdl_acc.bitstream.resources import NAMES

#: nextpnr's names of cells, by kind of resource.
_ROUTED = {"lut": "TRELLIS_COMB", "ff": "TRELLIS_FF", "multiplier": "MULT18X18D", "ram": "DP16KD"}


def to_text(found):
    """The lines of ``bitstream`` for a report of Build."""
    return "\n".join(_lines(found))


def _lines(found):
    line = "{:<14} {}".format
    yield line("board", f"{found['board']}, clock {found['clock_mhz']} MHz, fingerprint {found['fingerprint']}")
    for kind, name in NAMES.items():
        if "synthesis" in found:
            there = found["part"][kind]
            used = found["synthesis"][kind]
            if "utilisation" in found:
                used, there = found["utilisation"][_ROUTED[kind]]
            yield line(name, f"{used:,} of {there:,} ({used / there:.0%})")
    if "mhz" in found:
        yield line("clock", f"{found['mhz']} MHz routed, {found['clock_mhz']} wanted")
        path = found["critical_path"]
        if path:
            share = path["route"] / path["ns"]
            yield line("slowest path", f"{path['ns']} ns, of these {share:.0%} route, through {path['cells']} cells")
            for name, ns in path["blocks"].items():
                yield line("", f"{ns:6.2f} ns {name}")
    yield line("seconds", ", ".join(f"{step} {seconds:,.0f}" for step, seconds in found["seconds"].items()))
    if "bitstream" in found:
        yield line("bitstream", found["bitstream"])
