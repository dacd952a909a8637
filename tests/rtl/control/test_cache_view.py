"""What a pass finds in the cache, against golden: any shape, any position, any number of tokens that wait."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pass_views import CONFIGS, golden_view, random_position, random_shape, slot_of
from resident_benches import cache_view_design

from golden.layout import HeadLanes
from golden.machine.text import MOST_TOKENS
from golden.units.cache_view import CacheShape
from myhdl_acc.report.synthesis import depths
from myhdl_acc.rtl.control.cache_view import LATENCY
from myhdl_acc.simulate import BACKENDS, open_simulation

TINY = CONFIGS["tiny"]


def look(simulation, config, passes):
    """Passes ``(shape, position, left)`` one after the other; the record of the run."""
    columns = [
        {
            "capacity": shape.capacity, "sinks": shape.sinks, "heads_log2": shape.lanes.heads_log2,
            "chunk_log2": shape.chunk_log2, "taps": shape.taps, "renews": int(shape.renews), "spare": shape.spare,
            "slots": shape.slots, "position": position, "slot": slot_of(shape, position), "left": left,
        }
        for shape, position, left in passes
    ]  # fmt: skip
    views = [golden_view(*one, config.rows)[1] for one in passes]
    words = {name: [column[name] for column in columns] for name in columns[0]}
    run = simulation.run({"sink": words}, {"source": len(passes)}, record=True)
    for name in views[0]:
        found = run.outputs["source"][name].tolist()
        for one, value, view in zip(passes, found, views, strict=True):
            assert value == view[name], f"{name} of {one}"
    return run


def random_passes(rng, config, count):
    most = (1 << 32) - 1
    lefts = [rng.choice([rng.randint(1, 17), rng.randint(1, most), most]) for _ in range(count)]
    return [(shape, random_position(rng, shape), left) for left in lefts for shape in [random_shape(rng, config)]]


@pytest.mark.parametrize("name", CONFIGS)
@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 1 << 32))
def test_any_pass(name, seed):
    config = CONFIGS[name]
    with open_simulation(cache_view_design(config), "myhdl") as simulation:
        look(simulation, config, random_passes(Random(seed), config, 20))


@pytest.mark.parametrize("name", CONFIGS)
def test_thousands_in_verilator(name):
    """Any passes, and every position of a small cache, three times round its window."""
    config, rng = CONFIGS[name], Random(1)
    block = 16 * config.atoms
    with open_simulation(cache_view_design(config), "verilator") as simulation:
        look(simulation, config, random_passes(rng, config, 3000))
        for heads_log2 in range(config.lanes.bit_length()):
            lanes = HeadLanes(config.lanes, heads_log2, block)
            for spare in (0, MOST_TOKENS):
                shape = CacheShape(2 * block * lanes.share + 37, 5, lanes, 2 * config.atoms, 5, 2, True, spare)
                positions = range(0, 3 * shape.capacity, 1 + shape.capacity // 200)
                look(simulation, config, [(shape, p, left) for p in positions for left in (1, 3, config.rows + 1)])


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_every_simulator_a_fixed_time_after_the_start(backend):
    shape = CacheShape(100, 4, HeadLanes(2, 0, 32), 4, 5, 2, True)
    with open_simulation(cache_view_design(TINY), backend) as simulation:
        run = look(simulation, TINY, [(shape, position, 1 + position % 3) for position in range(0, 230, 3)])
    assert run.transfers["sink"][0] == LATENCY
    assert (np.diff(run.transfers["sink"]) == LATENCY + 1).all()


@pytest.mark.parametrize("name", ["sixteen rows", "u280"])
def test_levels(name):
    assert max(depths(cache_view_design(CONFIGS[name])).values()) <= 9
