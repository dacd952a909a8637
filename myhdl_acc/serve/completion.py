"""``/v1/completions``."""

from typing import ClassVar

from pydantic import Field

from myhdl_acc.serve.asked import Asked
from myhdl_acc.serve.refused import bad_request

_USUAL = 16  # tokens of OpenAI's


class Completion(Asked):
    """A text that goes on."""

    PREFIX: ClassVar = "cmpl-"
    WHOLE: ClassVar = "text_completion"
    PIECE: ClassVar = "text_completion"
    PROMPT: ClassVar = "prompt"
    NEUTRAL: ClassVar[dict] = Asked.NEUTRAL | {"best_of": 1, "echo": False, "suffix": ""}

    given: list[str] | list[int] | str = Field(alias="prompt")

    def check(self):
        super().check()
        if len(self._texts) > 1:
            raise bad_request("prompt: only one is supported", "prompt")

    @property
    def _texts(self):
        return [self.given] if isinstance(self.given, str) else [text for text in self.given if isinstance(text, str)]

    def count(self, most):
        """How many tokens the text has at most, if it may have ``most``."""
        return self.max_tokens or min(_USUAL, most)

    def prompt(self, tokenizer):
        """Token numbers of the prompt: a text, the only one of a list, or these themselves."""
        return tokenizer.prompt(*self._texts) if self._texts else self.given

    @staticmethod
    def whole(text):
        """The choice of a whole text."""
        return {"text": text}

    @staticmethod
    def first():
        """A stream begins with its first piece."""
        return None

    @staticmethod
    def piece(text):
        """The choice of a piece of a text; the last one is empty."""
        return {"text": text}
