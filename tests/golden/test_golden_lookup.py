"""Drafts against a search through the whole text."""

from hypothesis import given
from hypothesis import strategies as st

from golden.units.lookup import LONGEST, Lookup

DEPTH = 1024


def drafts_of(text, most):
    """What followed the longest of the last LONGEST tokens that came before, where it came last."""
    for length in range(LONGEST, 0, -1):
        tail = text[len(text) - length :]
        for end in range(len(text) - 1, length - 1, -1):
            if len(tail) == length and text[end - length : end] == tail:
                return text[end : end + most]
    return []


def looked_up(text):
    lookup = Lookup(DEPTH)
    for token in text:
        lookup.add(token)
    return lookup


@given(st.lists(st.integers(0, 5), max_size=60), st.integers(0, 15))
def test_drafts_follow_the_latest_of_the_longest(text, most):
    assert looked_up(text).drafts(most) == drafts_of(text, most)


@given(st.lists(st.integers(0, (1 << 20) - 1), min_size=1, max_size=9), st.integers(1, 15))
def test_any_tokens_that_come_again(text, most):
    """Tokens that share a place in a table only ever hide each other."""
    lookup = looked_up(text + text)
    assert lookup.drafts(most) in ([], text[:most], *(drafts_of(text[:n] + text + text, most) for n in (0,)))


def test_a_text_that_is_cleared_is_forgotten():
    lookup = looked_up([1, 2, 1])
    assert lookup.drafts(3) == [2, 1]
    lookup.clear()
    assert lookup.drafts(3) == []
    lookup.add(1)
    assert lookup.drafts(3) == []


def test_a_long_text_forgets_its_beginning():
    text = [7, 8, 9, *range(1000, 1000 + DEPTH), 7, 8]
    assert looked_up(text).drafts(2) == []
    assert looked_up([*text, 5, 7, 8]).drafts(2) == [5, 7]


def test_tokens_that_share_a_place_are_no_drafts():
    assert looked_up([3, 4, 3 ^ 5 ^ 5 << 10]).drafts(3) == []
