"""Sentences are short."""

import ast

import pytest

from scripts.docs.pages import PAGES, ROOT
from scripts.docs.prose import LIMIT, long_sentences, sentences, words


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_no_sentence_is_long(path):
    found = long_sentences(path.read_text("utf-8"))
    assert not found, "\n".join([f"{path.name}, above {LIMIT} words:", *(f"{n}: {each}" for n, each in found)])


@pytest.mark.parametrize("file", ["golden/decoder.py", "myhdl_acc/rtl/accelerator.py"])
def test_no_sentence_of_what_is_read_first_is_long(file):
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
    nodes = [node for node in ast.walk(ast.parse((ROOT / file).read_text("utf-8"))) if isinstance(node, kinds)]
    texts = [ast.get_docstring(node).replace("``", "`") for node in nodes if ast.get_docstring(node)]
    assert len(texts) > 5 and not [found for text in texts for found in long_sentences(text)]


def test_sentences_are_those_of_prose():
    text = "# No\n\nOne `a. B` is. Two\nis [a link](b.c)!\n\n| no. | No. |\n\n```\nno. No.\n```\n* Three. 4 is.\n* Five"
    assert list(sentences(text)) == ["One `code` is.", "Two is a link!", "Three.", "4 is.", "Five"]


def test_words_have_letters_or_digits():
    assert words("a + b = `code`, 3 → **bold** – (c)") == 6


def test_a_long_sentence_is_found():
    text = " ".join(["word"] * (LIMIT + 1)) + ". Short."
    assert [count for count, _ in long_sentences(text)] == [LIMIT + 1]
