"""What a column keeps and hands on, against a dictionary."""

import numpy as np
import pytest
import unit_ports
from cycle_bench import SIMULATORS, Cycles, block_of, leaves

from myhdl_acc.rtl.config import AcceleratorConfig

TINY = AcceleratorConfig.preset("tiny")
COUNT = 300


@pytest.mark.parametrize("backend", SIMULATORS)
def test_like_a_dictionary(backend):
    rng = np.random.default_rng(0)
    ports = {
        name: signal
        for name, signal, output in leaves(block_of("column_held"), unit_ports.column_held(TINY))
        if not output
    }
    inputs = {}
    for name, signal in ports.items():
        low, high = (0, 2) if len(signal) == 1 else (int(signal.min), int(signal.max))
        inputs[name] = [int.from_bytes(rng.bytes(40), "little") % (high - low) + low for _ in range(COUNT)]
    inputs["reduced"] = rng.integers(-255, 1, COUNT)  # minus an exponent field, where one is captured
    for name in ("largest", "least", "correction", "peak"):
        inputs[f"capture_{name}"] = (rng.random(COUNT) < 0.3).astype(int).tolist()
    first = ("capture_largest", "capture_least", "capture_first", "capture_correction", "shift_statistic")
    for name in (*first, "shift_query", "shift_weight", "shift_word"):
        inputs[name][0] = 1  # nothing is reset
    outputs = Cycles("column_held", unit_ports.column_held, TINY, backend).run(COUNT, 1, **inputs)
    state = {}
    for cycle in range(COUNT):
        now = {name: int(column[cycle]) for name, column in inputs.items()}
        if cycle:
            assert {name: int(outputs[name][cycle]) for name in state} == state

        def low(bits, reduced=now["reduced"]):
            return reduced & (1 << bits) - 1

        before = dict(state)
        for group, kind in (("statistic", "statistic"), ("query", "query"), ("weight", "weight")):
            if now[f"shift_{kind}"]:
                moved = [name for name in now if name.startswith(f"following_{group}_")]
                state |= {name.replace("following", "held"): now[name] for name in moved}
        if not now["shift_statistic"]:
            if now["capture_peak"]:
                state["held_statistic_peak"] = low(32)
            elif now["capture_total"]:
                state["held_statistic_total"] = low(40)
                state["held_statistic_least"] = before["kept_least"]
        if now["capture_largest"]:
            state["kept_largest"] = now["reduced"]
        if now["capture_correction"]:
            state["kept_correction"] = now["reduced"]
        if now["capture_least"] and (now["capture_first"] or -now["reduced"] < before["kept_least"]):
            state["kept_least"] = -now["reduced"]
        if now["shift_word"]:
            state["held_word"] = now["following_word"]
        elif now["push"]:
            state["held_word"] = before["held_word"] >> 8 | (now["level"] & 255) << 248
