"""Text to token numbers and back, through the `tokenizers` library."""

import json

import tokenizers

from golden.errors import InputError


class Tokenizer:
    """A tokenizer given as the JSON text of the `tokenizers` library. Raises InputError if that text is unusable."""

    def __init__(self, text):
        try:
            # Checked first: the library's own message for text that is not JSON shows the whole text.
            json.loads(text)
            self._tokenizer = tokenizers.Tokenizer.from_str(text)
        except Exception as error:
            raise InputError(f"tokenizer: unusable description ({_first_line(error)})") from None
        self._text = text

    @classmethod
    def build(cls, tokenizer):
        """From a ``tokenizers.Tokenizer``."""
        return cls(tokenizer.to_str())

    @property
    def json(self):
        """The JSON text."""
        return self._text

    @property
    def size(self):
        """Number of tokens."""
        return self._tokenizer.get_vocab_size()

    def encode(self, text):
        """Token numbers of ``text``; nothing is put before or after them."""
        return self._tokenizer.encode(text, add_special_tokens=False).ids

    def decode(self, tokens):
        """The text of token numbers. Special tokens show as they are written."""
        return self._tokenizer.decode([int(token) for token in tokens], skip_special_tokens=False)


def _first_line(error):
    return (str(error) or type(error).__name__).splitlines()[0][:200]
