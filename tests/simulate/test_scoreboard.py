"""Random words and the comparison of words."""

import numpy as np
import pytest

from myhdl_acc.simulate.scoreboard import check_words, random_words

FIELDS = {"flag": (1, False), "data": (13, False), "number": (7, True), "long": (63, True), "wide": (65, False)}


def test_random_words_cover_the_fields():
    words = random_words(FIELDS, 400, 3)
    limits = {"flag": (0, 1), "data": (0, 8191), "number": (-64, 63), "long": (-(1 << 62), (1 << 62) - 1)}
    for name, (low, high) in limits.items():
        assert (words[name].min(), words[name].max()) == (low, high)
    assert words["wide"].shape == (400, 9)
    assert set(words["wide"][:, -1]) == {0, 1}
    assert (words["wide"][:, :8] == 255).all(axis=1).any()
    assert all(np.array_equal(words[name], random_words(FIELDS, 400, 3)[name]) for name in FIELDS)


def changed(words, name, index):
    copy = {field: column.copy() for field, column in words.items()}
    copy[name][index] ^= 1
    return copy


def test_equal_words_pass():
    words = random_words(FIELDS, 20, 1)
    check_words(words, {name: column.copy() for name, column in words.items()})
    check_words({}, {})


@pytest.mark.parametrize("name", FIELDS)
def test_a_wrong_word_is_named(name):
    words = random_words(FIELDS, 20, 1)
    with pytest.raises(AssertionError, match=rf"result: word 17 of 20: {name} is .*, it should be .*1 words differ"):
        check_words(changed(words, name, 17), words, "result")


def test_missing_words_and_fields():
    words = random_words(FIELDS, 20, 1)
    short = {name: column[:19] for name, column in words.items()}
    with pytest.raises(AssertionError, match="19 words came out, 20 were expected"):
        check_words(short, words)
    with pytest.raises(AssertionError, match="20 words came out, 19 were expected"):
        check_words(words, short)
    with pytest.raises(AssertionError, match="fields"):
        check_words({"data": words["data"]}, words)
