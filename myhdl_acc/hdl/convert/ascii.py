"""HDL files are ASCII: not every tool takes other characters, not even in comments."""

import unicodedata

_NAMES = {
    "−": "-",
    "–": "-",
    "—": "-",
    "·": "*",
    "×": "x",
    "…": "...",
    "→": "->",
    "←": "<-",
    "≤": "<=",
    "≥": ">=",
    "≠": "/=",
    "±": "+-",
    "²": "^2",
    "½": "1/2",
    "Σ": "sum",
    "Λ": "Lambda",
    "λ": "lambda",
    "⌈": "ceil(",
    "⌉": ")",
    "⌊": "floor(",
    "⌋": ")",
    "“": '"',
    "”": '"',
    "’": "'",
}


def to_ascii(text):
    """``text`` with every other character written out, by its Unicode name where there is no usual way."""
    if text.isascii():
        return text
    return "".join(c if c.isascii() else _NAMES.get(c) or f"<{unicodedata.name(c, 'character').lower()}>" for c in text)
