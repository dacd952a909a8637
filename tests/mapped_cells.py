"""What Yosys makes of a converted block on the card, once multipliers and memories are found."""

import re

from myhdl_acc.hdl.convert import convert
from myhdl_acc.simulate.yosys import Yosys


def mapped_cells(design, directory, top=None):
    """{type: number} of the cells of a Design, or of its entity ``top``."""
    report = convert(design, "verilog", directory)
    files = " ".join(file.name for file in report.files)
    # From prepare on: what begins it only reads the cells of the part, which takes as long as all the rest.
    synthesis = (
        f"hierarchy -top {top or report.top}\nproc\nsynth_xilinx -family xcup -flatten -noiopad -run prepare:map_ffram"
    )
    Yosys().run(report.top, f"read_verilog {files}\n{synthesis}\ntee -o stat.txt stat", directory)
    found = re.findall(r"^ +(\d+) +(\S+)$", (directory / "stat.txt").read_text(), re.MULTILINE)
    return {kind: int(count) for count, kind in found}
