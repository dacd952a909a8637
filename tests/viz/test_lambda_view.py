"""The grid is the rule of golden.lambda_attention, and the text what a query sees by it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from golden.lambda_attention import LambdaRule
from myhdl_acc.viz.lambda_panel import LambdaPanel
from myhdl_acc.viz.lambda_view import EVICTED, FAR_SINK, LATER, SINK, WINDOW, kept_text, lambda_grid
from myhdl_acc.viz.token_runs import TokenChoice, TokenRun


@given(st.integers(0, 5), st.integers(1, 9), st.integers(1, 20))
def test_a_query_meets_what_the_cache_holds(sinks, window, tokens):
    rule = LambdaRule(sinks, window)
    grid = lambda_grid(rule, tokens)
    for query in range(tokens):
        kept = np.flatnonzero(np.isin(grid[query], (WINDOW, SINK, FAR_SINK)))
        assert set(kept) == set(rule.held(query + 1).tolist())
        assert (grid[query] == LATER).sum() == tokens - 1 - query
        assert (FAR_SINK in grid[query]) == rule.capped(query)


def test_what_was_evicted_is_left_out_of_the_text():
    rule = LambdaRule(1, 2)
    assert kept_text(rule, list("abcdef"), 5) == "a…ef"
    assert kept_text(rule, list("abcdef"), 2) == "abc"
    assert lambda_grid(rule, 4)[3].tolist() == [FAR_SINK, EVICTED, WINDOW, WINDOW]


@pytest.fixture
def panel():
    panel = LambdaPanel(TokenChoice(sinks=1, window=2))
    yield panel
    panel.close()


def test_the_panel_shows_every_decoded_token_beside_its_row(panel):
    panel.show_run(panel.settings(), TokenRun(None, {}, ["a", "b"], ["c", "d", "e"], [50, 30, 40], {"text": "abcde"}))
    assert len(panel._cells.data["query"]) == 16 and panel._cells.data["name"][-1] == "kept: window"
    assert list(panel._bars.data["query"]) == [2, 3] and panel._bars.data["cycles"] == [30, 40]
    assert panel._bars.data["sees"] == ["abc", "a…cd"]
