"""The adder tree: exact sums of any number of signed terms of any width."""

import numpy as np
from engine_benches import adder_tree_bench
from hypothesis import given, settings
from hypothesis import strategies as st

from myhdl_acc.hdl.stream import Stream, signed
from myhdl_acc.simulate import Design, clock, open_simulation, reset


def check(backend, widths, words):
    sink = Stream(**{f"term{i:02d}": signed(width) for i, width in enumerate(widths)})
    extreme = sum(1 << (width - 1) for width in widths)  # −extreme is the least sum
    source = Stream(total=signed((extreme - 1).bit_length() + 1))
    design = Design(adder_tree_bench, clk=clock(), rst=reset(), sink=sink, source=source)
    columns = {f"term{i:02d}": words[:, i] for i in range(len(widths))}
    with open_simulation(design, backend) as simulation:
        run = simulation.run({"sink": columns}, {"source": len(words)})
    assert run.outputs["source"]["total"].tolist() == words.sum(1).tolist()


def terms(rng, widths):
    """Words of terms: both extremes, then random ones."""
    least = np.array([-(1 << (width - 1)) for width in widths])
    random = [rng.integers(least, -least) for _ in range(20)]
    return np.array([least, -least - 1, *random])


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1 << 32), st.lists(st.integers(2, 30), min_size=1, max_size=17))
def test_sums_exactly(seed, widths):
    check("myhdl", widths, terms(np.random.default_rng(seed), widths))


def test_sums_exactly_in_hardware():
    widths = [3, 30, 9, 9, 17, 2, 8]
    for backend in ("icarus", "ghdl"):
        check(backend, widths, terms(np.random.default_rng(1), widths))
