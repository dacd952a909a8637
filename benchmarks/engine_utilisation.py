"""How many cycles the engine loses, by mode and shape, at the preset `demo`."""

from benchmarks.table import print_table
from myhdl_acc.driver.rtl_engine import RtlEngine
from myhdl_acc.program.sample_operation import sample_operation
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.trace.engine_recorder import EngineRecorder

SHAPES = [
    *((kind, 64, 2560) for kind in ("w2", "w4", "w8")),
    *((kind, 1024, 1024) for kind in ("w2", "w4", "w8")),
    *(("qk", 1024, head_dim) for head_dim in (32, 64, 128)),
    *(("pv", head_dim, 1024) for head_dim in (32, 64, 128)),
]

IN_A_ROW = 8


def steady_share(table):
    """Share of the lanes' cycles between their first and their last beat in which they accepted a beat."""
    beats = cycles = 0
    for lane in sorted(set(table.lane[table.lane >= 0].tolist())):
        taken = table.filter(unit="lane", lane=lane, state="beat")
        if len(taken):
            first, last = taken.span
            beats += int((taken.cycle_end - taken.cycle_start).sum())
            cycles += last - first
    return beats, beats / cycles


def run(backend="verilator"):
    config = AcceleratorConfig.preset("demo")
    rows = []
    with RtlEngine(config, backend, check=True, record=True) as engine:
        for kind, outputs, terms in SHAPES:
            operation = sample_operation(kind, outputs, terms, config.rows)
            recorder = EngineRecorder(engine)
            recorder.execute([operation])
            beats, share = steady_share(recorder.table)
            beats //= config.lanes
            engine.execute([operation] * IN_A_ROW)
            in_a_row = engine.run.cycles / IN_A_ROW - beats
            besides = (recorder.cycles - beats, round(in_a_row, 1))
            rows.append((kind, f"{outputs} × {terms}", beats, round(100 * share, 2), recorder.cycles, *besides))
    costs = ("besides beats", f"of {IN_A_ROW} in a row, each")
    print_table(
        "Engine at `demo`: beats between the first and the last, and what an operation costs besides",
        ("op", "outputs × terms", "beats per lane", "beat share %", "cycles", *costs),
        rows,
    )
