"""``/v1/chat/completions``."""

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from golden.llm.models.chat_template import chat_prompt
from myhdl_acc.serve.asked import Asked, Strict


class Part(BaseModel):
    """A part of what a message says."""

    model_config = ConfigDict(strict=True)

    type: Literal["text"]
    text: str


class Message(Strict):
    """What somebody said."""

    role: Literal["system", "developer", "user", "assistant"]
    content: list[Part] | str

    def as_template_has_it(self):
        """Templates know the older name of a developer, and nothing of parts."""
        role = "system" if self.role == "developer" else self.role
        text = self.content if isinstance(self.content, str) else "".join(part.text for part in self.content)
        return {"role": role, "content": text}


class Chat(Asked):
    """An answer to a conversation."""

    PREFIX: ClassVar = "chatcmpl-"
    WHOLE: ClassVar = "chat.completion"
    PIECE: ClassVar = "chat.completion.chunk"
    PROMPT: ClassVar = "messages"
    NEUTRAL: ClassVar[dict] = Asked.NEUTRAL | {
        "functions": [],
        "logprobs": False,
        "modalities": ["text"],
        "response_format": {"type": "text"},
        "tool_choice": "none",
        "tools": [],
        "top_logprobs": 0,
    }

    messages: Annotated[list[Message], Field(min_length=1)]
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None

    def check(self):
        super().check()
        for index, message in enumerate(self.messages):
            message.refuse_others({}, ("name",), f"messages.{index}.")

    def count(self, most):
        """How many tokens the answer has at most, if it may have ``most``."""
        return self.max_completion_tokens or self.max_tokens or most

    def prompt(self, tokenizer):
        """Token numbers of the conversation. Raises InputError as chat_prompt() does."""
        return chat_prompt(tokenizer, [message.as_template_has_it() for message in self.messages])

    @staticmethod
    def whole(text):
        """The choice of a whole answer."""
        return {"message": {"role": "assistant", "content": text}}

    @staticmethod
    def first():
        """The choice that begins a stream."""
        return {"delta": {"role": "assistant", "content": ""}}

    @staticmethod
    def piece(text):
        """The choice of a piece of an answer; the last one is empty."""
        return {"delta": {"content": text} if text else {}}
