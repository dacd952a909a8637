"""A column's memories against a dictionary: words and value parameters, read and written in every cycle."""

import numpy as np
import pytest
import unit_ports
from cycle_bench import SIMULATORS, Cycles

from myhdl_acc.rtl.config import AcceleratorConfig

TINY = AcceleratorConfig.preset("tiny")
COUNT = 400


@pytest.mark.parametrize("backend", SIMULATORS)
def test_like_a_dictionary(backend):
    rng = np.random.default_rng(0)
    inputs = {
        "read_enable": rng.random(COUNT) < 0.7,
        "read_address": rng.integers(0, 8, COUNT),
        "read_value_address": rng.integers(0, 8, COUNT),
        "take": rng.random(COUNT) < 0.7,
        "result_sum": rng.integers(-(1 << 20), 1 << 20, COUNT),
        "result_parameter": rng.integers(0, 1 << 32, COUNT),
        "write_word": rng.random(COUNT) < 0.7,
        "write_address": rng.integers(0, 8, COUNT),
        "write_value": rng.random(COUNT) < 0.7,
        "write_value_address": rng.integers(0, 8, COUNT),
        "data": rng.integers(-(1 << 31), 1 << 31, COUNT),
    }
    for kind in ("word", "value"):
        inputs[f"write_{kind}"][:16] = True
    inputs["write_address"][:16] = inputs["write_value_address"][:16] = np.arange(16) % 8
    inputs["read_enable"][:16], inputs["read_enable"][16], inputs["take"][0] = False, True, True
    outputs = Cycles("column_memory", unit_ports.column_memory, TINY, backend).run(COUNT, 18, **inputs)
    words, values, read, shown = {}, {}, {}, {}
    for cycle in range(COUNT):
        now = {name: int(column[cycle]) for name, column in inputs.items()}
        if cycle >= 18:
            assert {name: int(outputs[f"words_{name}"][cycle]) for name in shown} == shown
        shown |= read  # a register behind each memory
        if now["read_enable"]:
            read = {"x": words[now["read_address"]], "value": values[now["read_value_address"]]}
        if now["take"]:
            shown |= {"sum": now["result_sum"], "parameter": now["result_parameter"]}
        if now["write_word"]:
            words[now["write_address"]] = now["data"]
        if now["write_value"]:
            values[now["write_value_address"]] = now["data"] & (1 << 32) - 1
