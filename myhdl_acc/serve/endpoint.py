"""The way of a request for a text: read, queued, written, answered."""

import dataclasses

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, StreamingResponse

from golden.errors import InputError
from myhdl_acc.serve.answer import Answer
from myhdl_acc.serve.body import read_body
from myhdl_acc.serve.presence import while_there
from myhdl_acc.serve.refused import Refused, bad_request


@dataclasses.dataclass(frozen=True)
class Limits:
    """The most that a request may have: bytes of its body, tokens of its prompt and of the answer."""

    body: int
    prompt: int
    answer: int


class Endpoint:
    """An ASGI application: ``form`` (a class of Asked) says what is asked and how the answer looks; ``writer`` (Writer)
    writes it in the turn that ``queue`` (Queue) gives.
    """

    def __init__(self, form, writer, queue, limits):
        self._form, self._writer, self._queue, self._limits = form, writer, queue, limits

    async def __call__(self, scope, receive, send):
        try:
            asked = self._form.read(await read_body(Request(scope, receive), self._limits.body))
            self._writer.require(asked.model)
            count = self._count(asked)
            with self._queue.place() as place:
                response = await while_there(receive, self._response(asked, count, place))
                await response(scope, receive, send)
        except ClientDisconnect:
            pass  # nobody is there to be told

    def _count(self, asked):
        most = self._limits.answer
        count = asked.count(most)
        if count > most:
            raise bad_request(f"max_tokens: an answer has at most {most:,} tokens here, not {count:,}", "max_tokens")
        return count

    async def _response(self, asked, count, place):
        prompt = await self._prompt(asked, place)
        try:
            text = self._writer.text(prompt, count, asked.stops, asked.sampling)
        except InputError as error:
            raise bad_request(str(error), asked.PROMPT) from None
        answer, parts = Answer(asked, self._writer.name, text), place.parts(text)
        if asked.stream:
            headers = {"Cache-Control": "no-cache"}
            return StreamingResponse(answer.events(parts), media_type="text/event-stream", headers=headers)
        return JSONResponse(await answer.whole(parts))

    async def _prompt(self, asked, place):
        try:
            prompt = await place.prepare(asked.prompt, self._writer.tokenizer)
        except InputError as error:
            raise bad_request(str(error), asked.PROMPT) from None
        if len(prompt) > self._limits.prompt:
            message = f"the prompt has {len(prompt):,} tokens; here it may have {self._limits.prompt:,}"
            raise Refused(400, message, param=asked.PROMPT, code="context_length_exceeded")
        return prompt
