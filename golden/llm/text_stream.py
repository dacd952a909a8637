"""Text as its tokens come."""

_UNFINISHED = "\N{REPLACEMENT CHARACTER}"
_CONTEXT = 16  # tokens of the prompt that may change how the next one is written, and more than a character has


class TextStream:
    """The text of tokens one by one, up to the first of the texts ``stops``, which is no part of it.

    A character whose bytes are spread over several tokens waits for the last; the beginning of a stop text waits until
    it is known to be none.
    """

    def __init__(self, tokenizer, prompt, stops=()):
        self._tokenizer, self.stops = tokenizer, tuple(stops)
        self.text = ""  #: all of it so far
        self.stopped = False  #: whether a stop text came
        self._held = ""
        self._keep(_last_whole(tokenizer, list(prompt)[-_CONTEXT:]))

    def put(self, token):
        """What one more token adds to the text."""
        self._tokens.append(token)
        return self._read()

    def close(self):
        """What still waits, as no more tokens come."""
        return self._read(final=True)

    def _keep(self, tokens):
        """Only ``tokens`` matter to what follows; their text is known."""
        self._tokens, self._known = tokens, len(tokens)
        self._length = len(self._tokenizer.decode(tokens))

    def _read(self, final=False):
        text = self._tokenizer.decode(self._tokens)
        if not final and text.endswith(_UNFINISHED):
            return ""
        added = self._released(text[self._length :], final)
        if len(text) > self._length:
            self._keep(self._tokens[self._known :])
        return added

    def _released(self, text, final):
        text = self._held + text
        found = min((text.index(stop) for stop in self.stops if stop in text), default=None)
        self.stopped |= found is not None
        end = len(text) - (0 if final else _beginning(text, self.stops)) if found is None else found
        self._held = "" if self.stopped else text[end:]
        self.text += text[:end]
        return text[:end]


def _last_whole(tokenizer, tokens):
    """The last of ``tokens``, from one on that begins a character."""
    starts = (tokens[start:] for start in range(len(tokens)))
    return next((part for part in starts if not tokenizer.decode(part).startswith(_UNFINISHED)), tokens)


def _beginning(text, stops):
    """How many last characters of ``text`` may be the beginning of one of ``stops``."""
    lengths = (
        length for stop in stops for length in range(1, min(len(stop), len(text) + 1)) if text.endswith(stop[:length])
    )
    return max(lengths, default=0)
