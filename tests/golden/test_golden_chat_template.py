"""Chat templates: rendered as their authors expect, and harmless whatever they try."""

import datetime

import pytest

from golden.errors import InputError
from golden.llm.models.chat_template import chat_prompt
from golden.llm.models.tokenizer import TextRules

USER = [{"role": "user", "content": "Hi <b>\N{WHITE SMILING FACE}"}]


class Characters:
    """A tokenizer whose tokens are characters; so a prompt shows the rendered text."""

    def __init__(self, template, **rules):
        self.rules = TextRules(template=template, **rules)

    def encode(self, text):
        return list(text)


def rendered(template, messages=USER, **rules):
    return "".join(chat_prompt(Characters(template, **rules), messages))


def test_a_conversation():
    """Blocks leave no line ends and indents, and the turn of the model is opened."""
    template = """{%- for message in messages %}
    {% if loop.first and message['role'] != 'system' %}
[system]
    {% endif %}
[{{ message.role }}] {{ message['content'] }}
{% endfor %}
{% if add_generation_prompt %}
[assistant]{% endif %}"""
    messages = [*USER, {"role": "assistant", "content": "Yes?"}, {"role": "user", "content": "No."}]
    expected = "[system]\n[user] Hi <b>\N{WHITE SMILING FACE}\n[assistant] Yes?\n[user] No.\n[assistant]"
    assert rendered(template, messages) == expected


@pytest.mark.parametrize(
    "template, expected",
    [
        ("{{ bos_token }}{{ messages|length }}{{ eos_token }}", "<s>1</s>"),
        ("{{ messages[0] | tojson }}", '{"role": "user", "content": "Hi <b>\N{WHITE SMILING FACE}"}'),
        ("{{ {'b': 1, 'a': 2} | tojson(sort_keys=True, indent=1) }}", '{\n "a": 2,\n "b": 1\n}'),
        ("{{ strftime_now('%Y') }}", str(datetime.date.today().year)),
        ("{% if tools is none and enable_thinking is not defined %}plain{% endif %}", "plain"),
        ("{% for i in range(9) %}{% if i == 3 %}{% break %}{% endif %}{{ i }}{% endfor %}", "012"),
        ("{% set x = 1 %}{% generation %}{% set x = 2 %}{{ x }}{% endgeneration %}{{ x }}", "21"),
        ("{% macro f(x) %}<{{ x }}>{% endmacro %}{{ f('a'.upper()) }}", "<A>"),
        ("{% set ns = namespace(n=0) %}{% for m in messages %}{% set ns.n = ns.n + 1 %}{% endfor %}{{ ns.n }}", "1"),
    ],
)
def test_what_templates_use(template, expected):
    assert rendered(template, bos="<s>", eos="</s>") == expected


def test_bos_comes_from_the_template_alone():
    """As `transformers` does: what the rules put before texts is not put before a rendered conversation."""
    assert rendered("{{ bos_token }}x", bos="<s>", before=(1,)) == "<s>x"
    assert rendered("x", bos="<s>", before=(1,)) == "x"


@pytest.mark.parametrize(
    "template, message",
    [
        ("{{ raise_exception('only\nusers speak') }}", "fails: only users speak"),
        ("{% for %}", "fails: "),
        ("{{ 1 / 0 }}", "fails: division by zero"),
        ("{{ messages[0].content + 1 }}", "fails: can only concatenate str"),
        ("{{ ''.__class__.__mro__[1].__subclasses__() }}", "fails: access to attribute '__class__'"),
        ("{{ cycler.__init__.__globals__.os.system('true') }}", "fails: access to attribute '__init__'"),
        ("{{ messages.append(1) }}", "fails: access to attribute 'append' of 'list' object is unsafe"),
        ("{% include '/etc/passwd' %}", "fails: no loader"),
        ("{% for a in range(10**9) %}{% endfor %}", "fails: Range too big"),
        ("{{ 'a' * 10**9 }}", "too much memory"),
        ("{{ 'aaaa' * 10**7 }}", "more than 16777216 characters"),
        ("{{ 10 ** (10 ** 9) }}", "too much time or memory"),
        (
            "{% for a in range(10**5) %}{% for b in range(10**5) %}{% endfor %}{% endfor %}",
            "too much time or memory",
        ),
        ("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "fails: "),
        ("(" * 50 + "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}", "fails: |too much"),
        ("{{ '\\ud800' }}", "holds halves of characters"),
        ("{{ raise_exception('\\ud800') }}", "fails: \ud800"),
        ("", "makes nothing of the conversation"),
        (None, "the model has no chat template"),
    ],
)
def test_refuses(template, message):
    with pytest.raises(InputError, match=message) as caught:
        rendered(template)
    assert len(str(caught.value).splitlines()) == 1 and len(str(caught.value)) < 500


def test_a_long_conversation():
    text = "word " * 200_000
    assert rendered("{{ messages[0].content }}", [{"role": "user", "content": text}]) == text


def test_smollm2():
    from golden.llm.models import load

    tokenizer = load("smollm2").tokenizer
    prompt = tokenizer.decode(chat_prompt(tokenizer, [{"role": "user", "content": "Hello"}]))
    assert prompt.startswith("<|im_start|>system\n")
    assert prompt.endswith("<|im_end|>\n<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n")
