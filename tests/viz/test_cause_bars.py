"""The chart of lost cycles adds up, whatever it folds together."""

from myhdl_acc.viz.cause_bars import CauseBars
from myhdl_acc.viz.palette import COLOURS


def test_small_causes_are_one_bar():
    causes = {f"cause {number}": float(number) for number in range(1, 31)}
    chart = CauseBars(causes)
    data = chart.source.data
    assert sum(data["cycles"]) == sum(causes.values())
    assert data["cause"][0] == "cause 30" and data["cause"][-1] == "everything else"
    assert list(chart.figure.y_range.factors) == data["cause"][::-1]


def test_another_set_replaces_the_first():
    chart = CauseBars({"softmax (no_operand)": 5.0, "memory": 1.0})
    chart.show({"norm (no_operand)": 2.0})
    assert chart.source.data["cause"] == ["norm (no_operand)"]
    assert chart.source.data["colour"] == [COLOURS["norm"]]
