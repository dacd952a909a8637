"""The examples of docs/serve.md work as they stand, but for the port and the size of the model."""

import dataclasses
import importlib
import json
import re
import shlex
from pathlib import Path

import pytest
from serving import Served

from golden.lambda_attention import LambdaRule
from golden.llm.models import embedded
from golden.llm.models.tokenizer import TextRules
from myhdl_acc.driver import GoldenDevice
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.serve.asked import IGNORED
from myhdl_acc.serve.endpoint import Limits

PAGE = (Path(__file__).parents[2] / "docs" / "serve.md").read_text("utf-8")
#: It writes an answer as it was decoded.
TEMPLATE = """{% for m in messages %}{% if m.role == 'user' %}U {{ m.content }}
M{% else %}{{ m.content }}
{% endif %}{% endfor %}"""


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def served():
    config, model = AcceleratorConfig.preset("demo"), embedded.load("austen")
    model = dataclasses.replace(model, tokenizer=model.tokenizer.with_rules(TextRules(template=TEMPLATE)))
    rule, limits = LambdaRule(4, 124), Limits(body=10_000, prompt=200, answer=16)
    with Served(model, GoldenDevice(config), config, limits=limits, rule=rule, name="smollm2") as served:
        yield served


def test_the_command_has_these_options():
    (line,) = blocks("sh")[0].splitlines()
    program, name, _, *arguments = shlex.split(line)
    command = importlib.import_module("myhdl_acc.cli.serve").command
    options = {option for parameter in command.params for option in parameter.opts}
    named = [each for each in arguments if each.startswith("-")] + re.findall(r"`(--[\w-]+)`", PAGE)
    assert (program, name) == ("myhdl-acc", "serve") and set(named) <= options and len(named) > 8


def test_curl(served):
    """What curl would send."""
    found = []
    for line in blocks("sh")[1].splitlines():
        program, *arguments = shlex.split(line.replace(" -N", ""))
        url, given = arguments[0], dict(zip(arguments[1::2], arguments[2::2], strict=True))
        assert program == "curl" and set(given) in ({"-H", "-d"}, set())
        body, header = given.get("-d"), given.get("-H", "Accept: */*")
        path = url.removeprefix("http://127.0.0.1:8000")
        found.append(served.raw("POST" if body else "GET", path, body, dict([header.split(": ")])))
    assert [status for status, *_ in found] == [200] * 3
    models, text, stream = (body for _, body, _ in found)
    assert json.loads(models)["data"][0]["id"] == "smollm2"
    assert json.loads(text)["usage"]["completion_tokens"] == 4
    assert stream.startswith(b"data: {") and stream.endswith(b"\n\ndata: [DONE]\n\n")


def test_python(served, capsys):
    (example,) = blocks("python")
    exec(compile(example.replace(":8000", f":{served.port}"), "serve.md", "exec"), {})
    first, *_, cached = capsys.readouterr().out.split("\n")[:-1]
    assert int(first.split()[-1]) > 8 and int(re.search(r"\d+$", cached)[0]) > 8


def test_what_is_ignored_is_listed():
    listed = re.search(r"These are ignored: (.*?)\. They", PAGE, re.DOTALL)[1]
    assert re.findall(r"`(\w+)`", listed) == [*IGNORED, "name"]
