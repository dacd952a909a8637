"""Weights packed into atoms per second."""

import numpy as np

from benchmarks.golden_speed import best
from benchmarks.table import print_table
from golden.formats.matrix import PackedMatrix
from golden.formats.sample import random_weights

ROWS, COLS = 2048, 4096


def run():
    rows = []
    for kind in ("w2", "w4", "w8"):
        weights = random_weights(np.random.default_rng(0), kind, ROWS, COLS)
        packed = PackedMatrix.pack(kind, *weights)
        speeds = (best(lambda: PackedMatrix.pack(kind, *weights), 3), best(packed.unpack, 3))
        rows.append((kind, *(round(ROWS * COLS / seconds / 1e6, 1) for seconds in speeds)))
    print_table("Packing", ("format", "M weights/s packed", "M weights/s unpacked"), rows)
