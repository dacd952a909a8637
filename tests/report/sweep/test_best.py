"""The Pareto set of a goal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golden.errors import InputError
from myhdl_acc.report.sweep.best import Goal
from myhdl_acc.report.sweep.columns import COLUMNS


def row(key, rate, lut, **more):
    values = {"key": key, "model": "m", "tokens_per_s": rate, "lut": lut}
    return dict.fromkeys(COLUMNS) | values | more


ROWS = [
    row("slow", 1, 0.1),
    row("worse", 1, 0.2),
    row("fast", 3, 0.5),
    row("large", 9, 0.8),
    row("failed", 5, 0.1, error="e"),
]


def keys(text, rows=ROWS):
    return [found["key"] for found in Goal.parse(text).best(rows)]


def test_a_bounded_cost_is_a_goal_too():
    assert keys("tokens_per_s where lut<0.75") == ["fast", "slow"]
    assert keys("tokens_per_s where lut <= 0.8 and model = m") == ["large", "fast", "slow"]
    assert keys("tokens_per_s") == ["large"]
    assert keys("lut, tokens_per_s where tokens_per_s>1") == ["fast", "large"]
    assert keys("tokens_per_s where model!=m") == []


def test_workloads_do_not_compete():
    assert keys("tokens_per_s", [*ROWS, row("other", 2, 0.1, model="n")]) == ["large", "other"]


def test_what_was_not_measured_is_not_compared():
    assert keys("tokens_per_s where dsp<1") == []


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=12))
def test_everything_left_out_is_beaten_and_nothing_kept_is(pairs):
    rows = [row(str(number), *pair) for number, pair in enumerate(pairs)]
    kept = Goal.parse("tokens_per_s, lut").best(rows)

    def beaten(one):
        return any(
            other["tokens_per_s"] >= one["tokens_per_s"]
            and other["lut"] <= one["lut"]
            and (other["tokens_per_s"], other["lut"]) != (one["tokens_per_s"], one["lut"])
            for other in rows
        )

    assert {one["key"] for one in rows if not beaten(one)} == {one["key"] for one in kept}


@pytest.mark.parametrize(
    "text, message",
    [
        ("speed", "no column 'speed'; there are"),
        ("model", "no column 'model'"),
        ("", "no column ''"),
        ("tokens_per_s where", "no column 'tokens_per_s where'"),
        ("tokens_per_s where luts<1", "no column 'luts'"),
        ("tokens_per_s where lut", "'lut' is no condition"),
        ("tokens_per_s where lut<big", "'big' is not a number"),
        ("tokens_per_s where model<m", "model is a text"),
    ],
)
def test_what_is_no_goal(text, message):
    with pytest.raises(InputError, match=message):
        Goal.parse(text)
