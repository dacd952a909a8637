import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golden.errors import InputError
from golden.llm.compress.allocate import BITS, allocate


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(*[st.floats(0, 10)] * 3, st.sampled_from([64, 192, 320])), min_size=1, max_size=5),
    st.floats(2, 9),
)
def test_against_all_allocations(matrices, budget):
    losses = {str(i): dict(zip(BITS, row[:3], strict=True)) for i, row in enumerate(matrices)}
    sizes = {str(i): row[3] for i, row in enumerate(matrices)}
    total = sum(sizes.values())

    def bits(kinds):
        return sum(BITS[kind] * sizes[name] for name, kind in kinds.items()) / total

    def cost(kinds):
        return sum(losses[name][kind] for name, kind in kinds.items())

    every = [dict(zip(sizes, kinds, strict=True)) for kinds in itertools.product(BITS, repeat=len(sizes))]
    least = min(cost(kinds) for kinds in every if bits(kinds) <= budget)
    found = allocate(losses, sizes, budget)
    assert bits(found) <= budget + 1e-9
    assert cost(found) == pytest.approx(least)


def test_sizes_without_a_common_divisor_stay_within_the_budget():
    sizes = {str(i): 1_000_003 + 7919 * i for i in range(40)}
    losses = {name: {"w2": 1 + i, "w4": 0.1, "w8": 0} for i, name in enumerate(sizes)}
    found = allocate(losses, sizes, 3.0)
    bits = sum(BITS[found[name]] * size for name, size in sizes.items()) / sum(sizes.values())
    assert 2.9 < bits <= 3.0
    assert [found[name] for name in sizes] == sorted(found.values())  # the costliest to keep at w2 are the last ones


def test_refusals():
    losses, sizes = {"a": {"w2": 1.0, "w4": 0.5, "w8": 0.0}}, {"a": 64}
    with pytest.raises(InputError, match=r"1\.5 bits per weight are too few; 2 is the least"):
        allocate(losses, sizes, 1.5)
    with pytest.raises(InputError, match="not finite"):
        allocate({"a": {"w2": float("nan")}}, sizes, 3)
