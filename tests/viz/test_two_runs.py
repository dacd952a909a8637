"""Two runs are aligned where they are told to be, and their differences add up."""

import pytest
from recorded import recorded

from myhdl_acc.viz.two_runs import TwoRuns, cause_rows, difference_html


def test_causes():
    one, other = recorded(), recorded(wait=14)
    rows = cause_rows(one, other)
    assert ("embed (no_operand)", 2, 12, 10) in rows and ("memory", 2, 2, 0) in rows
    assert sum(row[3] for row in rows) == other.cycles - one.cycles


def test_the_table():
    html = difference_html(recorded(), recorded(wait=14))
    row = ["ffn_down", "10", "20", "+10", "no operand"]
    assert "".join(f"<td style='padding-right:1.5em'>{cell}</td>" for cell in row) in html
    assert ">+10</td><td style='padding-right:1.5em'></td></tr></table>" in html


@pytest.mark.parametrize("at, shift", [("embed", 0), ("ffn_down", 0)])
def test_both_are_in_the_range(at, shift):
    two = TwoRuns(recorded(title="first"), recorded(wait=30, title="second"), at)
    one, other, causes = two.figures
    assert one.x_range is not other.x_range and "first" in one.title.text and "second" in other.title.text
    assert one.x_range.bounds == (0, 46) and other.x_range.bounds == (shift, 46 + shift)
    assert "memory" in causes.y_range.factors


def test_where_only_one_has_it():
    with pytest.raises(KeyError, match="has no layer 3"):
        TwoRuns(recorded(), recorded(), "layer 3")
