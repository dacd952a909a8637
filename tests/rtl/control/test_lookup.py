"""Drafts from any text against golden's, and how long a search takes."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pass_views import CONFIGS
from resident_benches import lookup_design

from golden.units.lookup import LONGEST, Lookup
from myhdl_acc.report.synthesis import depths
from myhdl_acc.rtl.control.lookup import most_cycles
from myhdl_acc.simulate import BACKENDS, open_simulation

CONFIG = CONFIGS["one lane"]  # with three rows behind the first
DRAFTS = CONFIG.rows - 1


def random_orders(rng, count):
    """A text of few or many different tokens, or of stretches that come again; it begins anew now and then."""
    alphabet = [rng.randrange(1 << 20) for _ in range(rng.choice([1, 2, 5, 40]))]
    orders, text = [{"clear": 1}], []
    while len(orders) < count:
        if len(text) > 9 and rng.random() < 0.2:
            first = rng.randrange(len(text))
            piece = text[first : first + 9]
        else:
            piece = [rng.choice(alphabet) for _ in range(rng.randint(1, 9))]
        text += piece
        orders += [{"add": 1, "token": token} for token in piece]
        orders += [{"search": 1, "most": rng.randint(0, 15)}] * (rng.random() < 0.7)
    return orders


def found_by_golden(orders):
    text, found = Lookup(CONFIG.lookup_depth), []
    for order in orders:
        if "clear" in order:
            text.clear()
        elif "add" in order:
            text.add(order["token"])
        else:
            found.append((text.drafts(min(order["most"], DRAFTS)), text.length))
    return found


def search(simulation, orders):
    expected = found_by_golden(orders)
    columns = {name: [order.get(name, 0) for order in orders] for name in ("clear", "add", "search", "token", "most")}
    run = simulation.run({"sink": columns}, {"source": len(expected)}, record=True)
    outputs = run.outputs["source"]
    for number, (drafts, length) in enumerate(expected):
        assert outputs["count"][number] == len(drafts)
        assert [outputs[f"draft_{place}"][number] for place in range(len(drafts))] == drafts
        assert not drafts or outputs["length"][number] == length
    return run, expected


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 1 << 32))
def test_any_text(seed):
    with open_simulation(lookup_design(CONFIG), "myhdl") as simulation:
        search(simulation, random_orders(Random(seed), 200))


def test_a_text_longer_than_what_is_kept():
    rng = Random(3)
    with open_simulation(lookup_design(CONFIG), "verilator") as simulation:
        found = [search(simulation, random_orders(rng, 4 * CONFIG.lookup_depth))[1] for _ in range(6)]
    assert any(len(one) == DRAFTS for each in found for one, _ in each)


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_every_simulator_a_token_per_cycle_and_a_search_in_time(backend):
    rng = Random(4)
    orders = random_orders(rng, 300)
    with open_simulation(lookup_design(CONFIG), backend) as simulation:
        run, _ = search(simulation, orders)
        search(simulation, random_orders(rng, 300))
    steps = np.diff(run.transfers["sink"])
    kinds = [next(iter(order)) for order in orders[:-1]]
    assert all(step == 1 for step, kind in zip(steps, kinds, strict=True) if kind == "add")
    assert steps[0] == CONFIG.lookup_depth + 1
    longest = max(step for step, kind in zip(steps, kinds, strict=True) if kind == "search")
    assert 2 * (LONGEST + DRAFTS) < longest <= most_cycles(DRAFTS) + 2


def test_levels():
    assert max(depths(lookup_design(CONFIGS["u280"])).values()) <= 9
