"""Time, size and memory of the conversion, by preset and language."""

import os
import tempfile

from benchmarks.table import print_table
from myhdl_acc.cli.top import top_design
from myhdl_acc.hdl.convert import convert
from myhdl_acc.rtl.config import PRESETS


def run():
    rows = []
    for preset, config in PRESETS.items():
        for hdl in ("vhdl", "verilog"):
            with tempfile.TemporaryDirectory() as directory:
                report = convert(top_design(config), hdl, directory)
                size = sum(os.path.getsize(file) for file in report.files)
            figures = (len(report.files), round(size / 1024), round(report.seconds, 1), round(report.peak_mib))
            rows.append((preset, hdl, *figures))
    print_table("Conversion", ("preset", "HDL", "files", "KiB", "seconds", "peak MiB"), rows)
