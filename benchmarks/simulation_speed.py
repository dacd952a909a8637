"""Clock cycles and multiplications per second of each simulator, on one w2 operation."""

import time

from benchmarks.table import print_table
from myhdl_acc.driver.rtl_engine import RtlEngine
from myhdl_acc.program.sample_operation import sample_operation
from myhdl_acc.rtl.config import AcceleratorConfig

# As many outputs as keep each simulator busy for seconds, not minutes.
RUNS = [
    ("demo", "verilator", 4096, 2048),
    ("tiny", "verilator", 4096, 1024),
    ("tiny", "icarus", 64, 512),
    ("tiny", "ghdl", 64, 512),
    ("tiny", "myhdl", 16, 256),
]


def run():
    rows = []
    for preset, backend, outputs, terms in RUNS:
        config = AcceleratorConfig.preset(preset)
        operation = sample_operation("w2", outputs, terms, config.rows)
        with RtlEngine(config, backend) as engine:
            engine.execute([sample_operation("w2", 4, 64)])  # what happens only once is not simulation speed
            engine.cycles, start = 0, time.perf_counter()
            engine.execute([operation])
            seconds = time.perf_counter() - start
        # A w2 beat multiplies half of its weights' positions: 16 products per atom and row.
        products = outputs * terms // 2 * config.rows
        rows.append((backend, preset, engine.cycles, round(engine.cycles / seconds), round(products / seconds)))
    header = ("simulator", "preset", "cycles", "cycles/s", "multiplications/s")
    print_table("Simulation speed", header, rows)
