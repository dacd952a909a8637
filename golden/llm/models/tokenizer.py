"""Text to token numbers and back, through the `tokenizers` library, and what a model expects of text."""

import contextlib
import copy
import dataclasses
import json
from dataclasses import dataclass

import tokenizers

from golden.errors import InputError

_UNFINISHED = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True)
class TextRules:
    """What a model expects around its text: tokens ``before`` every prompt (BOS), tokens that ``end`` what it writes,
    and the Jinja ``template`` that makes a prompt of a conversation (None: it has none), with the texts of the special
    tokens that the template may name, ``bos`` and ``eos``.
    """

    before: tuple = ()
    end: tuple = ()
    template: str | None = None
    bos: str = ""
    eos: str = ""

    @classmethod
    def from_dict(cls, values):
        """The inverse of ``dataclasses.asdict``, as JSON brings it. Raises InputError for anything else."""
        names = [field.name for field in dataclasses.fields(cls)]
        if not isinstance(values, dict) or set(values) != set(names):
            raise InputError(f"tokenizer: text rules have exactly the fields {', '.join(names)}")
        for name in ("before", "end"):
            if not isinstance(values[name], list | tuple) or not all(type(token) is int for token in values[name]):
                raise InputError(f"tokenizer: {name} must be a list of tokens")
        if not all(isinstance(values[name], str) for name in ("bos", "eos")):
            raise InputError("tokenizer: bos and eos must be text")
        if not isinstance(values["template"], str | None):
            raise InputError("tokenizer: template must be text")
        return cls(**values | {name: tuple(values[name]) for name in ("before", "end")})


class Tokenizer:
    """A tokenizer given as the JSON text of the `tokenizers` library, and the model's TextRules. Raises InputError if
    that text is unusable.
    """

    def __init__(self, text, rules=TextRules()):
        with _refusing():
            # Checked first: the library's own message for text that is not JSON shows the whole text.
            json.loads(text)
            self._tokenizer = tokenizers.Tokenizer.from_str(text)
        self._text = text
        self.rules = rules

    @classmethod
    def build(cls, tokenizer, rules=TextRules()):
        """From a ``tokenizers.Tokenizer``. Its text is made when it is asked for: a large one takes a second."""
        built = cls.__new__(cls)
        built._tokenizer, built._text, built.rules = tokenizer, None, rules
        return built

    @property
    def json(self):
        """The JSON text."""
        if self._text is None:
            self._text = self._tokenizer.to_str()
        return self._text

    @property
    def size(self):
        """One more than the largest token number."""
        return max(self._tokenizer.get_vocab().values(), default=-1) + 1

    @property
    def before(self):
        """The tokens that the description itself puts before a text, whatever the TextRules say."""
        encoding = self._encode("a", add_special_tokens=True)
        return tuple(encoding.ids[: [*encoding.special_tokens_mask, 0].index(0)])

    def with_rules(self, rules):
        """This tokenizer with other TextRules."""
        other = copy.copy(self)
        other.rules = rules
        return other

    def encode(self, text):
        """Token numbers of ``text``; nothing is put before or after them. Special tokens may be spelled in it."""
        return self._encode(text, add_special_tokens=False).ids

    def prompt(self, text):
        """Token numbers that a model is fed to continue ``text``: what its rules put before it, and the text's."""
        return [*self.rules.before, *self.encode(text)]

    def decode(self, tokens):
        """The text of token numbers. Special tokens show as they are written."""
        with _refusing():
            return self._tokenizer.decode([int(token) for token in tokens], skip_special_tokens=False)

    def token(self, text):
        """The number of the token that is written ``text`` in the vocabulary; None if there is none."""
        return self._tokenizer.token_to_id(text)

    def piece(self, token):
        """The text that ``token`` adds behind other text; the token as the vocabulary has it, where that is no text
        because a character's bytes are spread over several tokens.
        """
        once, twice = self.decode([token]), self.decode([token, token])
        if _UNFINISHED in once:
            return self._tokenizer.id_to_token(token)
        return twice[len(once) :]  # the first token of a text may lose a space

    def _encode(self, text, add_special_tokens):
        with _refusing():
            return self._tokenizer.encode(text, add_special_tokens=add_special_tokens)


@contextlib.contextmanager
def _refusing():
    """Raises InputError for whatever the library raises of an odd description, its panics included."""
    try:
        yield
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":  # which is no Exception
            raise
        raise InputError(f"tokenizer: unusable description ({_first_line(error)})") from None


def _first_line(error):
    return (str(error) or type(error).__name__).splitlines()[0][:200]
