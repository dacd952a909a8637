"""Time, size and memory of the conversion, by preset and language."""

import os
import tempfile

from benchmarks.table import print_table
from myhdl_acc.config import PRESETS
from myhdl_acc.convert import convert
from myhdl_acc.engine.engine import engine, engine_ports
from myhdl_acc.simulate import Design, clock, reset


def run():
    rows = []
    for preset, config in PRESETS.items():
        for hdl in ("vhdl", "verilog"):
            with tempfile.TemporaryDirectory() as directory:
                design = Design(engine, clk=clock(), rst=reset(), **engine_ports(config))
                report = convert(design, hdl, directory)
                size = sum(os.path.getsize(file) for file in report.files)
            figures = (len(report.files), round(size / 1024), round(report.seconds, 1), round(report.peak_mib))
            rows.append((preset, hdl, *figures))
    print_table("Conversion", ("preset", "HDL", "files", "KiB", "seconds", "peak MiB"), rows)
