"""Sentences are short."""

import pytest

from scripts.docs.pages import PAGES
from scripts.docs.prose import LIMIT, long_sentences, sentences, words


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_no_sentence_is_long(path):
    found = long_sentences(path.read_text("utf-8"))
    assert not found, "\n".join([f"{path.name}, above {LIMIT} words:", *(f"{n}: {each}" for n, each in found)])


def test_sentences_are_those_of_prose():
    text = "# No\n\nOne `a. B` is. Two\nis [a link](b.c)!\n\n| no. | No. |\n\n```\nno. No.\n```\n* Three. 4 is.\n* Five"
    assert list(sentences(text)) == ["One `code` is.", "Two is a link!", "Three.", "4 is.", "Five"]


def test_words_have_letters_or_digits():
    assert words("a + b = `code`, 3 → **bold** – (c)") == 6


def test_a_long_sentence_is_found():
    text = " ".join(["word"] * (LIMIT + 1)) + ". Short."
    assert [count for count, _ in long_sentences(text)] == [LIMIT + 1]
