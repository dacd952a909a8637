import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golden.errors import InputError
from golden.lambda_attention import LambdaRule


@settings(deadline=None)
@given(st.integers(0, 5), st.integers(1, 7), st.integers(1, 60))
def test_slots_hold_the_sinks_and_the_last_window(sinks, window, length):
    rule = LambdaRule(sinks, window)
    cache = {}
    for position in range(length):
        cache[rule.slot(position)] = position
        met = {p for p in range(position + 1) if p < sinks or p > position - window}
        assert set(cache.values()) == met
        assert set(cache) == set(range(rule.filled(position)))
        for sink in range(min(sinks, position + 1)):
            assert rule.sink_position(position) - sink == min(position, sinks + window - 1) - sink
        assert rule.capped(position) == (sinks > 0 and rule.sink_position(position) != position)


@pytest.mark.parametrize("wrong", [(-1, 4), (4, 0), (1.5, 4), (True, 4), (4, None), (4, 1 << 40)])
def test_refuses_other_numbers(wrong):
    with pytest.raises(InputError, match="attention: "):
        LambdaRule(*wrong)


@pytest.mark.parametrize(("name", "least"), [("sinks", 0), ("window", 1)])
def test_the_limits_are_named(name, least):
    limit = 1 << 30
    assert getattr(LambdaRule(**{"sinks": 0, "window": 1, name: limit}), name) == limit
    message = rf"{name} must be an integer from {least} to {limit} \(the longest context .*\), not {limit + 1}$"
    with pytest.raises(InputError, match=message):
        LambdaRule(**{"sinks": 0, "window": 1, name: limit + 1})


@settings(deadline=None)
@given(st.integers(0, 9), st.integers(1, 9), st.integers(1, 12))
def test_within_a_text_the_same_is_met_with_fewer_slots(sinks, window, tokens):
    rule = LambdaRule(sinks, window)
    short = rule.within(tokens)
    at = np.arange(tokens)
    assert short.capacity == min(rule.capacity, tokens)
    assert np.array_equal(short.meets(at[:, None], at), rule.meets(at[:, None], at))
    assert np.array_equal(short.sink_position(at), rule.sink_position(at))
    assert np.array_equal(short.slot(at), rule.slot(at)) or short.capacity == tokens


def test_within_no_text():
    assert LambdaRule(4, 9).within(0) == LambdaRule(0, 1)
