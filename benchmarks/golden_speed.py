"""The golden model's product with packed weights, beside a float32 product of the same shape in numpy."""

import time

import numpy as np

from benchmarks.table import print_table
from golden.blas import one_thread
from golden.units import engine
from myhdl_acc.program.sample_operation import sample_operation

SHAPES = [("w2", 1024, 1024), ("w2", 4096, 4096), ("w4", 4096, 4096), ("w8", 4096, 4096)]


def best(function, repetitions=7):
    """The shortest of some times, in seconds: the one that other processes disturbed least."""
    times = []
    for _ in range(repetitions):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


@one_thread
def run():
    rows = []
    for kind, outputs, terms in SHAPES:
        operation = sample_operation(kind, outputs, terms)
        weights = np.random.default_rng(0).standard_normal((outputs, terms), np.float32)
        x = operation.x[0].astype(np.float32)
        golden, plain = best(lambda: engine.execute(operation)), best(lambda: weights @ x)
        figures = (round(1e3 * golden, 2), round(1e3 * plain, 2), round(golden / plain, 2))
        rows.append((kind, f"{outputs} × {terms}", *figures))
    print_table("Golden product", ("op", "outputs × terms", "golden ms", "numpy float32 ms", "ratio"), rows)
