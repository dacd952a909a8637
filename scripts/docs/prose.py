"""The sentences of a page: what stands outside code, tables, headings and formulas."""

import re

LIMIT = 25
"""Words of a sentence at most. A code span, a link's text and a formula's parts are words as they are read."""

_BLOCKS = re.compile(r"^```.*?^```[^\n]*$|<!--.*?-->|<[^>\n]+>", re.MULTILINE | re.DOTALL)
_NOT_PROSE = re.compile(r"^\s*(#|\||>|!\[)")
_ITEM = re.compile(r"^\s*(?:[*-]|\d+\.)\s+")
_END = re.compile(r"(?<=[.!?])[*_)\"]*\s+(?=[*_(\"\[`]*[A-Z0-9ΛγΣ`])")


def sentences(text):
    """Yield the sentences of a Markdown page in order."""
    paragraph = []
    for line in [*_BLOCKS.sub("", text).splitlines(), ""]:
        if not line.strip() or _NOT_PROSE.match(line) or _ITEM.match(line):
            yield from _split(" ".join(paragraph))
            paragraph = []
        if line.strip() and not _NOT_PROSE.match(line):
            paragraph.append(_ITEM.sub("", line).strip())


def _split(paragraph):
    plain = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", paragraph)
    plain = re.sub(r"`[^`]+`", "`code`", plain)
    return [sentence for sentence in _END.split(plain) if sentence.strip()]


def words(sentence):
    """The number of a sentence's words: what has a letter or a digit."""
    return sum(any(map(str.isalnum, word)) for word in sentence.split())


def long_sentences(text):
    """(words, sentence) of every sentence above the limit."""
    return [(words(each), each) for each in sentences(text) if words(each) > LIMIT]
