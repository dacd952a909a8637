"""The estimated clock, from the kept reports of ``synth --config u280 --timing`` and of blocks routed on the ECP5."""

from scripts.docs import data


def timing(field):
    """``mhz`` of ``u280``, or ``error``: the largest of a block's, in per cent."""
    if field == "mhz":
        return f"{data.read('u280_timing')['mhz']:.0f}"
    errors = [abs(block["estimated_mhz"] / block["routed_mhz"] - 1) for block in data.read("ecp5_blocks").values()]
    return f"{100 * max(errors):.0f}"


def timing_paths():
    """The slowest paths of ``u280``, each of another entity."""
    lines = ["| ns | MHz | wires | levels | through |", "|---:|---:|---:|---:|---|"]
    for path in data.read("u280_timing")["paths"]:
        blocks = " > ".join(f"{name} {ns:.2f}" for name, ns in path["blocks"])
        share = f"{100 * path['wires'] / path['ns']:.0f} %"
        lines.append(f"| {path['ns']:.2f} | {1000 / path['ns']:.0f} | {share} | {path['levels']} | {blocks} |")
    return "\n".join(lines)


def timing_lacking():
    """Cells of ``u280`` that lack a register."""
    lines = ["| entity | cells | lack |", "|---|---:|---|"]
    for name, lacking in data.read("u280_timing")["lacking"].items():
        lines += [f"| `{name}` | {number:,} | {what} |" for what, number in lacking.items()]
    return "\n".join(lines)


def timing_errors():
    """What was estimated of routed designs."""
    lines = ["| | routed | estimated | error |", "|---|---:|---:|---:|"]
    for name, block in data.read("ecp5_blocks").items():
        error = 100 * (block["estimated_mhz"] / block["routed_mhz"] - 1)
        shown = name if " " in name else f"`{name}`"
        lines.append(f"| {shown} | {block['routed_mhz']} MHz | {block['estimated_mhz']} MHz | {error:+.0f} % |")
    return "\n".join(lines)
