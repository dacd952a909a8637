"""Reads TCL scripts as lists of commands, as much as it takes to damage them one by one."""

from dataclasses import dataclass

#: Commands of which a word is a script: its place, from the end if negative.
BODIES = {"proc": 3, "run_script": 1, "foreach": -1, "catch": 1, "lmap": -1, "while": 2, "for": 4, "dict for": -1}
#: Commands of which braced words are expressions.
CONDITIONS = ("if", "expr", "while")


@dataclass(frozen=True)
class Word:
    """The text between two places of a script."""

    start: int
    end: int
    text: str

    @property
    def braced(self):
        return self.text.startswith("{")


@dataclass(frozen=True)
class Command:
    """``words``, the first its name; ``nested``: whether its value is used, in brackets."""

    words: tuple
    nested: bool

    @property
    def name(self):
        return self.words[0].text

    @property
    def span(self):
        return self.words[0].start, self.words[-1].end


def commands(text, start=0, end=None, nested=False):
    """All Commands of a script, those inside bodies and brackets too, in the order of the text."""
    end = len(text) if end is None else end
    found = []
    for words in _split(text, start, end):
        command = Command(tuple(words), nested)
        found.append(command)
        bodies = _bodies(command, text)
        for word in words:
            if command.name == "switch" and word is words[-1]:
                for body in bodies:
                    found += commands(text, body.start + 1, body.end - 1)
            elif word in bodies:
                found += commands(text, word.start + 1, word.end - 1)
            elif not word.braced or command.name in CONDITIONS:
                found += _bracketed(text, word.start, word.end)
    return found


def _bodies(command, text):
    """The words that are scripts; of a switch, words within its last one."""
    words = command.words
    if command.name == "switch":
        return [case[1] for case in _split(text, words[-1].start + 1, words[-1].end - 1)]
    if command.name == "if":
        places = [2] + [place + (words[place].text == "elseif") + 1 for place in range(3, len(words))
                        if words[place].text in ("else", "elseif")]  # fmt: skip
        return [words[place] for place in places]
    name = f"dict {words[1].text}" if command.name == "dict" else command.name
    return [word for word in (words[BODIES[name]],) if word.braced] if name in BODIES else []


def _split(text, start, end):
    """The words of each command between two places."""
    place, words = start, []
    while place < end:
        char = text[place]
        if char == "#" and not words:
            place = text.find("\n", place)
            place = end if place < 0 else place
        elif char in "\n;":
            if words:
                yield words
            words = []
            place += 1
        elif char in " \t" or text.startswith("\\\n", place):
            place += 1 if char in " \t" else 2
        else:
            stop = _word_end(text, place, end)
            words.append(Word(place, stop, text[place:stop]))
            place = stop
    if words:
        yield words


def _word_end(text, place, end):
    if text.startswith("{*}", place):
        place += 3
    if text[place] == "{":
        return _closed(text, place, "{", "}")
    quoted = text[place] == '"'
    place += quoted
    while place < end:
        char = text[place]
        if char == "\\":
            place += 2
        elif char == "[":
            place = _closed(text, place, "[", "]")
        elif quoted and char == '"':
            return place + 1
        elif not quoted and char in " \t\n;":
            return place
        else:
            place += 1
    return end


def _closed(text, place, opening, closing):
    depth = 0
    while True:
        char = text[place]
        if char == "\\":
            place += 1
        elif char == opening:
            depth += 1
        elif char == closing:
            depth -= 1
            if not depth:
                return place + 1
        place += 1


def _bracketed(text, start, end):
    found, place = [], start
    while place < end:
        if text[place] == "\\":
            place += 2
        elif text[place] == "[":
            stop = _closed(text, place, "[", "]")
            found += commands(text, place + 1, stop - 1, nested=True)
            place = stop
        else:
            place += 1
    return found
