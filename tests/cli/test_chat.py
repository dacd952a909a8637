"""chat answers line by line, and its cache keeps what was said."""

import dataclasses
import json

import pytest

from golden.decoder import Decoder
from golden.llm import container
from golden.llm.models.chat_template import chat_prompt
from golden.llm.models.tokenizer import TextRules
from myhdl_acc.cli.backends import GoldenEngine
from myhdl_acc.cli.conversation import Conversation

LINES = ["Who are you?", "Why?", "Tell me more."]
#: In the rendering of the next turn, an answer is written as it was; by the other template after a sign.
SAME = """{% for m in messages %}{% if m.role == 'user' %}U {{ m.content }}
M{% else %}{{ m.content }}
{% endif %}{% endfor %}"""
OTHER = SAME.replace("{% else %}", "{% else %}> ")


class Watched(Decoder):
    """A Decoder that remembers what it was fed, and how often it forgot."""

    def reset(self):
        super().reset()
        self.fed = []

    def feed(self, tokens, every=False):
        self.fed += tokens
        return super().feed(tokens, every)


@pytest.fixture
def talk(glassllm_acc):
    """``talk(template)``: (decoder, conversation)."""

    def make(template, **rules):
        model = container.load(glassllm_acc)
        tokenizer = model.tokenizer.with_rules(TextRules(template=template, **rules))
        decoder = Watched(dataclasses.replace(model, tokenizer=tokenizer), rows=64)
        return decoder, tokenizer, Conversation(decoder, GoldenEngine(), tokenizer, 5, "You are Alice.")

    return make


def independent(decoder, tokenizer, answers):
    """What a fresh decoder answers to each turn, given the answers before."""
    messages, found = [{"role": "system", "content": "You are Alice."}], []
    for line, answer in zip(LINES, answers, strict=True):
        messages.append({"role": "user", "content": line})
        decoder.reset()
        found.append(list(decoder.generate(chat_prompt(tokenizer, messages), len(answer))))
        messages.append({"role": "assistant", "content": tokenizer.decode(answer)})
    return found


def test_a_turn_feeds_what_is_new(talk):
    decoder, tokenizer, conversation = talk(SAME)
    turns = [conversation.answer(line) for line in LINES]
    assert [again for _, again in turns] == [False] * 3
    answers = [decoding.tokens for decoding, _ in turns]
    fed = decoder.fed
    messages = [{"role": "system", "content": "You are Alice."}]
    for line, answer in zip(LINES, answers, strict=True):
        messages.append({"role": "user", "content": line})
        prompt = chat_prompt(tokenizer, messages)
        assert fed[: len(prompt)] == prompt
        messages.append({"role": "assistant", "content": tokenizer.decode(answer)})
    assert fed == prompt + answers[-1][:-1] and decoder.position == len(fed)
    assert independent(decoder, tokenizer, answers) == answers


def test_turns_that_are_written_in_another_way_are_read_again(talk):
    decoder, tokenizer, conversation = talk(OTHER)
    turns = [conversation.answer(line) for line in LINES]
    assert [again for _, again in turns] == [False, True, True]
    answers = [decoding.tokens for decoding, _ in turns]
    assert independent(decoder, tokenizer, answers) == answers


def test_an_end_token_ends_an_answer(talk):
    _, _, conversation = talk(SAME)
    token = conversation.answer(LINES[0])[0].tokens[2]
    decoder, _, conversation = talk(SAME, end=(token,))
    first, second = (conversation.answer(line)[0] for line in LINES[:2])
    assert first.stopped == "end" and first.tokens[-1] == token and token not in first.tokens[:-1]
    assert decoder.fed[len(first.prompt) :][: len(first.tokens) - 1] == first.tokens[:-1]
    assert len(second.tokens) > 0


def test_lines_of_a_pipe_are_turns(run_cli, with_rules):
    """Blank lines are none; the first answer is that of generate."""
    model = with_rules()
    process = run_cli("chat", model, "-n", 4, "--system", "A cat.", "--window", 40, input="Who?\n\n  \nWhy?")
    assert process.returncode == 0, process.stderr
    arguments = ("generate", model, "Who?", "--chat", "--system", "A cat.", "-n", 4, "--window", 40, "--json")
    first = json.loads(run_cli(*arguments).stdout)["text"]
    assert process.stdout.startswith(first + "\n") and len(process.stdout) > len(first) + 2


def test_drafts_change_no_answer(run_cli, with_rules):
    arguments = ("chat", with_rules(), "-n", 12, "--window", 40)
    plain, tried = (run_cli(*arguments, *more, input="Who?\nWhy?") for more in ((), ("--speculate", "lookup")))
    assert tried.returncode == 0, tried.stderr
    assert tried.stdout == plain.stdout


def test_nothing_is_said(run_cli, with_rules):
    process = run_cli("chat", with_rules(), input="")
    assert (process.returncode, process.stdout, process.stderr) == (0, "", "")


def test_refuses(refused, glassllm_acc, with_rules):
    assert f"{glassllm_acc}: the model has no chat template" in refused("chat", glassllm_acc, input="")
    failing = with_rules(template="{{ raise_exception('no') }}")
    assert f"{failing}: the model's chat template fails: no" in refused("chat", failing, input="Who?\n")
    assert "not valid UTF-8" in refused("chat", with_rules(), "--system", "\udcff", input="Who?\n")


def test_what_was_said_before_a_wrong_byte_is_answered(run_cli, with_rules):
    process = run_cli("chat", with_rules(), "-n", 30, input="Who?\n\udcff\n", errors="surrogateescape")
    assert process.returncode == 2 and process.stdout.strip()
    assert process.stderr == "myhdl-acc: the line of standard input is not valid UTF-8\n"


def test_ctrl_c(interrupted, with_rules):
    interrupted("chat", with_rules())
