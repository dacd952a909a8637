"""Passes of a text with drafts, counted by hand."""

import pytest

from golden.llm.speculation import chosen_by_row


@pytest.mark.parametrize(
    ("prompt", "tokens", "drafts", "counts"),
    [
        ([1], [2, 3, 4], 3, [3, 0, 0, 0]),  # nothing comes again
        ([7, 7], [7, 7, 7, 7], 1, [3, 1]),  # the first with the prompt, two together, one that was asked for
        ([1, 2, 3, 9, 1], [2, 3, 9, 8], 2, [2, 1, 1]),  # "2" with the prompt; then "3 9" are tried, and both right
        ([1, 2, 3, 9, 1], [2, 3, 8], 2, [2, 1, 0]),
        ([1, 2, 3, 9, 1], [2], 2, [1, 0, 0]),
        ([1], [], 2, [0, 0, 0]),
    ],
)
def test_rows(prompt, tokens, drafts, counts):
    found = chosen_by_row(prompt, tokens, drafts)
    assert found == counts and sum(found) == len(tokens)
