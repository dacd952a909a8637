"""How an answer looks on its way: one JSON object, or a stream of events."""

import json
import time
import uuid

from myhdl_acc.serve.refused import Refused


class Answer:
    """The answer to ``asked`` (Asked) of the ``model`` of that name; ``text`` (Text) is written meanwhile."""

    def __init__(self, asked, model, text):
        self._asked, self._text = asked, text
        self._head = {"id": asked.PREFIX + uuid.uuid4().hex, "created": int(time.time()), "model": model}

    async def whole(self, parts):
        """The one object, when all ``parts`` of the text have come."""
        choice = self._asked.whole("".join([part async for part in parts]))
        found = self._object(self._asked.WHOLE, choice, self._text.finish_reason)
        return found | {"usage": self._text.usage}

    async def events(self, parts):
        """Server-sent events, one for each of the ``parts`` with a character. An error is the last one."""
        asked = self._asked
        # Where usage is asked for, every event before has none.
        nothing = {"usage": None} if asked.include_usage else {}
        try:
            if first := asked.first():
                yield _event(self._object(asked.PIECE, first) | nothing)
            async for part in parts:
                if part:
                    yield _event(self._object(asked.PIECE, asked.piece(part)) | nothing)
        except Refused as refused:
            yield _event(refused.body)
            return
        yield _event(self._object(asked.PIECE, asked.piece(""), self._text.finish_reason) | nothing)
        if asked.include_usage:
            yield _event(self._head | {"object": asked.PIECE, "choices": [], "usage": self._text.usage})
        yield "data: [DONE]\n\n"

    def _object(self, kind, choice, reason=None):
        choice = {"index": 0, **choice, "logprobs": None, "finish_reason": reason}
        return self._head | {"object": kind, "choices": [choice]}


def _event(value):
    return f"data: {json.dumps(value)}\n\n"
