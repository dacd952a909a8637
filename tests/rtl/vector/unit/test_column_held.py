"""What a column keeps and hands on, against a dictionary."""

import numpy as np
import pytest
import unit_ports
from cycle_bench import SIMULATORS, Cycles, block_of, leaves
from unit_bench import edge_values

from golden.machine.parameters import EXPONENT_BIAS
from golden.numerics import FRACTION
from golden.units.softmax import softmax_reference
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.vector.unit.column_held import REFERENCE

TINY = AcceleratorConfig.preset("tiny")
COUNT = 300
SETTLED = 2 + REFERENCE  # cycles until a reference is there
BIAS = EXPONENT_BIAS << FRACTION  # in a bound that the columns make


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
    inputs["reduced"] = rng.integers(-(1 << 48), 1 << 48, COUNT)
    for name in ("correction", "total"):
        inputs[f"capture_{name}"] = (rng.random(COUNT) < 0.3).astype(int).tolist()
    # The places of one bound; others have a test of their own. Nothing is reset.
    inputs["reduced"][:2] = 5 << 16, 2 << 16
    inputs["capture_largest"], inputs["capture_bound"] = [1, *[0] * (COUNT - 1)], [0, 1, *[0] * (COUNT - 2)]
    for name in ("capture_correction", "shift_statistic", "shift_query", "shift_mixed", "shift_word"):
        inputs[name][:SETTLED] = [1] * SETTLED
    _, places = softmax_reference(5 << 16, (2 << 16) + BIAS)
    outputs = Cycles("column_held", unit_ports.column_held, TINY, backend).run(COUNT, SETTLED, **inputs)
    state = {}
    for cycle in range(COUNT):
        now = {name: int(column[cycle]) for name, column in inputs.items()}
        if cycle >= SETTLED:
            assert {name: int(outputs[name][cycle]) for name in state} == state

        def low(bits, reduced=now["reduced"]):
            return reduced & (1 << bits) - 1

        before = dict(state)
        for kind in ("statistic", "query", "mixed"):
            if now[f"shift_{kind}"]:
                source, target = ("following", "held") if kind == "statistic" else ("entering", "kept")
                moved = [name for name in now if name.startswith(f"{source}_{kind}_")]
                state |= {name.replace(source, target): now[name] for name in moved}
        if now["capture_total"] and not now["shift_statistic"]:
            state |= {"held_statistic_total": low(40), "held_statistic_places": places}
        if now["capture_correction"]:
            state["kept_correction"] = (low(32) ^ 1 << 31) - (1 << 31)
        if now["shift_word"]:
            state["held_word"] = now["following_word"]
        elif now["push"]:
            state["held_word"] = before["held_word"] >> 8 | (now["level"] & 255) << 248


@pytest.mark.parametrize("backend", SIMULATORS)
def test_the_softmaxs_reference(backend):
    """Of scores that are as far from the bound as exponents can be, the extreme ones among them."""
    rng = np.random.default_rng(1)
    largest = edge_values(32, rng, COUNT)
    bound = largest + rng.integers(-255 << 16, 1 << 17, COUNT)
    turn = SETTLED  # cycles for each
    kinds = np.arange(COUNT * turn) % turn
    reduced = np.where(kinds == 0, largest.repeat(turn), bound.repeat(turn))
    watched = ["kept_reference", "kept_places"]
    found = Cycles("column_held", unit_ports.column_held, TINY, backend, watched).run(
        COUNT * turn, turn, reduced=reduced, capture_largest=kinds == 0, capture_bound=kinds == 1
    )
    for name, want in zip(("reference", "places"), softmax_reference(largest, bound + BIAS), strict=True):
        assert found[f"kept_{name}"][turn::turn].tolist() == want[:-1].tolist(), name
