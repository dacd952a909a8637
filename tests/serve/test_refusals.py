"""What is no proper request is told so in OpenAI's shape, and costs no run of the accelerator."""

import json
import random
import re

import openai
import pytest
from serving import letters

PROMPT = {"prompt": letters(3, 1, 4)}
SAID = {"messages": [{"role": "user", "content": letters(3)}]}


@pytest.fixture(autouse=True)
def costs_nothing(served):
    before = served.device.starts
    yield
    assert served.device.starts == before


def refusal(answer, status):
    """The error of an answer, whose shape is that of OpenAI's."""
    found, body = answer
    assert found == status and set(body) == {"error"}, answer
    error = body["error"]
    assert set(error) == {"message", "type", "param", "code"} and error["message"]
    return error


@pytest.mark.parametrize(
    "parameters, param, message",
    [
        ({"n": 2}, "n", "only 1 is supported"),
        ({"n": True}, "n", "only 1"),
        ({"best_of": 2}, "best_of", "only 1"),
        ({"echo": True}, "echo", "only false"),
        ({"suffix": "x"}, "suffix", 'only ""'),
        ({"logprobs": 0}, "logprobs", "unknown parameter"),
        ({"presence_penalty": 0.5}, "presence_penalty", "only 0"),
        ({"logit_bias": {"5": 1}}, "logit_bias", "only {}"),
        ({"top_k": 5}, "top_k", "unknown parameter 'top_k'"),
        ({"messages": []}, "messages", "unknown parameter"),
        ({"temperature": 0.7, "top_p": 0.9}, "top_p", "only 1"),
        ({"seed": 1 << 63}, "seed", "less than 9223372036854775808"),
        ({"temperature": 3}, "temperature", "less than or equal to 2"),
        ({"temperature": "0"}, "temperature", "valid number"),
        ({"max_tokens": 0}, "max_tokens", "greater than or equal to 1"),
        ({"max_tokens": "5"}, "max_tokens", "valid integer"),
        ({"max_tokens": 1.5}, "max_tokens", "valid integer"),
        ({"max_tokens": 25}, "max_tokens", "at most 24 tokens"),
        ({"max_tokens": 10**30}, "max_tokens", "at most 24 tokens"),
        ({"stop": ""}, "stop", "must not be empty"),
        ({"stop": ["a", ""]}, "stop", "must not be empty"),
        ({"stop": ["a"] * 5}, "stop", "at most 4"),
        ({"stop": 5}, "stop", "valid array"),
        ({"stream": "yes"}, "stream", "valid boolean"),
        ({"stream_options": {"include_usage": 1}}, "stream_options.include_usage", "valid boolean"),
        ({"prompt": 5}, "prompt", "valid"),
        ({"prompt": ""}, "prompt", "empty"),
        ({"prompt": []}, "prompt", "empty"),
        ({"prompt": ["a", "b"]}, "prompt", "only one"),
        ({"prompt": [[1, 2]]}, "prompt.0", "valid"),
        ({"prompt": [37]}, "prompt", "token 37 is outside the vocabulary of 37"),
        ({"prompt": [-1]}, "prompt", "token -1 is outside"),
        ({"prompt": "x"}, "prompt", "empty"),  # no token has it
    ],
)
def test_completions(served, parameters, param, message):
    error = refusal(served.ask("completions", **PROMPT | parameters), 400)
    assert error["param"] == param and message in error["message"] and error["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    "parameters, param, message",
    [
        ({"tools": [{"type": "function"}]}, "tools", r"only \[\]"),
        ({"logprobs": True}, "logprobs", "only false"),
        ({"response_format": {"type": "json_object"}}, "response_format", "only"),
        ({"max_completion_tokens": 25}, "max_tokens", "at most 24"),
        ({"prompt": "x"}, "prompt", "unknown parameter"),
        ({"messages": None}, "messages", "valid array"),
        ({"messages": []}, "messages", "at least 1"),
        ({"messages": ["hello"]}, "messages.0", "object"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages.0.role", "should be 'system'"),
        ({"messages": [{"role": "user"}]}, "messages.0.content", "required"),
        ({"messages": [{"role": "user", "content": None}]}, "messages.0.content", "valid"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]},
            "messages.0.content.0.type",
            "should be 'text'",
        ),
        (
            {"messages": [{"role": "assistant", "content": "x", "tool_calls": [{}]}]},
            "messages.0.tool_calls",
            "unknown parameter",
        ),
    ],
)
def test_chat(served, parameters, param, message):
    error = refusal(served.ask("chat/completions", **SAID | parameters), 400)
    assert error["param"] == param and re.search(message, error["message"])


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"null", b"[]", b'"x"', b"\xff\xfe", b'{"model": "tiny", "prompt": "\xff"}',
        b'{"model": "tiny", "prompt": "\\ud800"}', b'{"model": NaN}', b"[" * 9_000, b'{"model": ' * 900,
    ],
    ids=lambda body: body[:20].decode(errors="backslashreplace"),
)  # fmt: skip
def test_no_json(served, body):
    for path in ("completions", "chat/completions"):
        refusal(served.request("POST", f"/v1/{path}", body)[:2], 400)


def test_random_bytes(served):
    rng = random.Random(5)
    valid = json.dumps({"model": "tiny", "n": 2} | PROMPT).encode()
    for _ in range(100):
        broken = bytearray(valid)
        for _ in range(rng.randrange(1, 4)):
            broken[rng.randrange(len(broken))] = rng.randrange(256)
        status, body, _ = served.request("POST", "/v1/completions", bytes(broken))
        refusal((status, body), status)
        assert status in (400, 404)


def test_large_bodies(served):
    long = json.dumps({"model": "tiny", "prompt": "x" * 10_000}).encode()
    assert "more than 10,000 bytes" in refusal(served.request("POST", "/v1/completions", long)[:2], 413)["message"]
    # In pieces, without a word of how many there will be.
    pieces = (long[start : start + 1000] for start in range(0, len(long), 1000))
    refusal(served.request("POST", "/v1/completions", pieces)[:2], 413)
    assert served.request("GET", "/v1/models")[0] == 200


def test_long_prompts(served):
    error = refusal(served.ask("completions", prompt=[1] * 21), 400)
    assert error["code"] == "context_length_exceeded" and error["param"] == "prompt"
    error = refusal(served.ask("chat/completions", messages=[{"role": "user", "content": letters(*[1] * 21)}]), 400)
    assert error["code"] == "context_length_exceeded" and error["param"] == "messages"


def test_other_types_of_content(served):
    body = json.dumps({"model": "tiny"} | PROMPT)
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        answer = served.request("POST", "/v1/completions", body, **{"Content-Type": kind})
        assert "application/json" in refusal(answer[:2], 415)["message"]


def test_other_models(served):
    for path, what in (("completions", PROMPT), ("chat/completions", SAID)):
        error = refusal(served.ask(path, **what | {"model": "gpt-5"}), 404)
        assert error["code"] == "model_not_found" and "this server has 'tiny'" in error["message"]
        assert refusal(served.ask(path, **what | {"model": None}), 400)["param"] == "model"


def test_other_paths_and_methods(served):
    for path in ("/", "/v1", "/v1/embeddings", "/v2/models", "/v1/chat", "/v1/models/other"):
        refusal(served.request("GET", path)[:2], 404)
    for method, path in (("GET", "/v1/completions"), ("DELETE", "/v1/models"), ("PUT", "/v1/chat/completions")):
        status, body, headers = served.request(method, path)
        refusal((status, body), 405)
        assert headers["Allow"]


def test_models_without_template_or_with_a_wrong_one(serve):
    for template, message in ((None, "no chat template"), ("{{ raise_exception('no cats') }}", "no cats")):
        with serve(template=template) as served, served.client() as client:
            with pytest.raises(openai.BadRequestError, match=message):
                client.chat.completions.create(model="tiny", stream=True, **SAID)
            assert served.device.starts == 0
