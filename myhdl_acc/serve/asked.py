"""What a request asks for: parameters that are used, ignored, or refused by their names."""

import json
import secrets
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from golden.units.sampling import GREEDY, SEED_BITS, Sampling
from myhdl_acc.serve.refused import bad_request

STOPS = 4  #: texts of ``stop`` at most
#: Parameters that change nothing here.
IGNORED = (
    "metadata", "parallel_tool_calls", "prompt_cache_key", "prompt_cache_retention", "safety_identifier",
    "service_tier", "user",
)  # fmt: skip


class Strict(BaseModel):
    """JSON of exactly these types. Other fields are looked at by hand."""

    model_config = ConfigDict(strict=True, extra="allow")

    def refuse_others(self, neutral, ignored=(), where=""):
        """Raise Refused for a field that is not one of this class, unless it is null, ``ignored`` or of the value that
        ``neutral`` has for it.
        """
        for name, value in self.model_extra.items():
            if value is None or name in ignored:
                continue
            if name not in neutral:
                raise bad_request(f"unknown parameter {name!r}", where + name)
            if isinstance(value, bool) != isinstance(neutral[name], bool) or value != neutral[name]:
                raise bad_request(f"{name}: only {json.dumps(neutral[name])} is supported", where + name)


class StreamOptions(BaseModel):
    """How a stream ends."""

    model_config = ConfigDict(strict=True)

    include_usage: bool | None = None


class Asked(Strict):
    """What both kinds of texts have in common."""

    #: Parameters whose other values ask for what is not here.
    NEUTRAL: ClassVar[dict] = {
        "frequency_penalty": 0,
        "logit_bias": {},
        "n": 1,
        "presence_penalty": 0,
        "store": False,
    }

    model: str
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    stop: Annotated[list[str], Field(max_length=STOPS)] | str | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    seed: Annotated[int, Field(ge=-(1 << 63), lt=1 << 63)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None

    @classmethod
    def read(cls, body):
        """What the JSON ``body`` (bytes) asks for. Raises Refused."""
        try:
            asked = cls.model_validate_json(body)
        except ValidationError as error:
            raise _as_refused(error) from None
        asked.check()
        return asked

    def check(self):
        """Raise Refused for what the types allow and this server does not do."""
        self.refuse_others(self.NEUTRAL, IGNORED)
        if self.temperature and self.top_p not in (None, 1):
            raise bad_request("top_p: only 1 is supported where a temperature is given: all tokens count", "top_p")
        if not all(self.stops):
            raise bad_request("stop: a text must not be empty", "stop")

    @property
    def stops(self):
        """The texts that end the answer."""
        return [self.stop] if isinstance(self.stop, str) else self.stop or []

    @property
    def sampling(self):
        """The Sampling: without a ``seed`` each text has one of its own."""
        if not self.temperature:
            return GREEDY
        seed = secrets.randbits(SEED_BITS) if self.seed is None else self.seed % (1 << SEED_BITS)
        return Sampling.of(self.temperature, seed)

    @property
    def include_usage(self):
        """Whether a stream ends with what it cost."""
        return bool(self.stream_options and self.stream_options.include_usage)


def _as_refused(error):
    """What is wrong in the deepest place where something is: there a union's type came closest. The first one of these:
    unions have lists first, whose errors say more.
    """
    errors = error.errors(include_url=False, include_input=False, include_context=False)
    wrong = max(errors, key=lambda each: len(each["loc"]))
    if wrong["type"] == "json_invalid":
        return bad_request(f"the body is not JSON: {wrong['msg']}")
    # A union adds the name of the type that it tried.
    path = [str(part) for part in wrong["loc"] if part != "str" and "[" not in str(part)]
    param = ".".join(path) or None
    return bad_request(f"{param or 'the body'}: {wrong['msg']}", param)
