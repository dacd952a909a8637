"""Damages scripts in one place at a time: a command left out or misspelt, an option misspelt, two values swapped."""

import itertools
import re
from dataclasses import dataclass
from pathlib import Path

from tcl_text import commands

_TABLE = re.compile(r"^    ([\w:]+)\s+\{\{([^}]*)\}\s+\{([^}]*)\}", re.MULTILINE)


@dataclass(frozen=True)
class Mutant:
    """A script with one damage. ``text``: all of it; ``kind``, ``what``: the damage in words."""

    script: str
    kind: str
    what: str
    text: str

    def __str__(self):
        return f"{self.script}: {self.kind}: {self.what}"


def vendor_options(table):
    """{command: (switches, options with a value)} of the table that the stub knows commands by."""
    return {name: (switches.split(), valued.split()) for name, switches, valued in _TABLE.findall(table)}


def mutants_of(path, known):
    """All Mutants of a script. ``known``: vendor_options()."""
    text = Path(path).read_text()

    def mutant(kind, what, *changes):
        changed = text
        for start, end, new in sorted(changes, reverse=True):
            changed = changed[:start] + new + changed[end:]
        return Mutant(Path(path).name, kind, " ".join(what.split())[:70], changed)

    for command in commands(text):
        start, end = command.span
        what = text[start:end]
        yield mutant("dropped", what, (start, end, ""))
        name = command.words[0]
        yield mutant("misspelt", what, (name.start, name.end, _misspelt(name.text)))
        if command.name not in known:
            continue
        options = [word for word in command.words[1:] if word.text in itertools.chain(*known[command.name])]
        for word in options:
            yield mutant("option", f"{word.text} of {what}", (word.start, word.end, _misspelt(word.text)))
        valued = [place for place, word in enumerate(command.words) if word.text in known[command.name][1]]
        for one, two in itertools.combinations([command.words[place + 1] for place in valued], 2):
            changes = (one.start, one.end, two.text), (two.start, two.end, one.text)
            yield mutant("swapped", f"{one.text} and {two.text} of {what}", *changes)


def _misspelt(word):
    """The two last letters swapped; if they are the same, one more."""
    swapped = word[:-2] + word[-1] + word[-2]
    return swapped if swapped != word else word + word[-1]
