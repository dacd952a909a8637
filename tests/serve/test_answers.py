"""OpenAI's own client gets what the golden decoder writes, whole and as a stream."""

import openai
import pytest
from serving import MODEL, USER, letters

from golden.units.sampling import SEED_BITS, Sampling

PROMPT = [3, 1, 4]
SAID = [{"role": "system", "content": letters(7)}, {"role": "user", "content": letters(*PROMPT)}]


@pytest.fixture(scope="module")
def client(served):
    with served.client() as client:
        yield client


def conversation(served, *parts):
    """The tokens of a conversation's text."""
    return served.model.tokenizer.encode("".join(parts))


def test_models(client):
    (model,) = client.models.list().data
    assert model.id == "tiny" and client.models.retrieve("tiny") == model
    with pytest.raises(openai.NotFoundError, match="no model 'other'"):
        client.models.retrieve("other")


@pytest.mark.parametrize("prompt", [letters(*PROMPT), [letters(*PROMPT)], PROMPT], ids=["text", "list", "tokens"])
def test_a_text_goes_on(served, client, prompt):
    found = client.completions.create(model="tiny", prompt=prompt, max_tokens=6)
    text, tokens = served.expected(PROMPT, 6)
    (choice,) = found.choices
    assert choice.text == text and choice.finish_reason == "length" and found.object == "text_completion"
    usage = found.usage
    assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == (3, len(tokens), 9)
    assert "prompt_cycles" not in usage.to_dict()  # the golden device has no clock


def test_a_text_has_16_tokens_unless_told_otherwise(client):
    assert client.completions.create(model="tiny", prompt=PROMPT).usage.completion_tokens == 16


def test_a_text_as_a_stream(served, client):
    *parts, last, usage = client.completions.create(
        model="tiny", prompt=PROMPT, max_tokens=6, stream=True, stream_options={"include_usage": True}
    )
    assert "".join(part.choices[0].text for part in parts) == served.expected(PROMPT, 6)[0] and len(parts) == 6
    assert all(part.choices[0].finish_reason is None and part.usage is None for part in parts)
    assert last.choices[0].finish_reason == "length" and last.choices[0].text == ""
    assert usage.choices == [] and usage.usage.completion_tokens == 6
    assert len({part.id for part in (*parts, last, usage)}) == 1


def test_an_answer(served, client):
    found = client.chat.completions.create(model="tiny", messages=SAID, max_completion_tokens=5)
    prompt = conversation(served, letters(7), USER, letters(*PROMPT), MODEL)
    message = found.choices[0].message
    assert message.role == "assistant" and message.content == served.expected(prompt, 5)[0]
    assert found.usage.prompt_tokens == len(prompt) == 6 and found.choices[0].finish_reason == "length"


def test_an_answer_as_a_stream(served, client):
    first, *parts, last = client.chat.completions.create(model="tiny", messages=SAID, max_tokens=5, stream=True)
    prompt = conversation(served, letters(7), USER, letters(*PROMPT), MODEL)
    assert first.choices[0].delta.role == "assistant" and first.choices[0].delta.content == ""
    assert "".join(part.choices[0].delta.content for part in parts) == served.expected(prompt, 5)[0]
    assert last.choices[0].delta.content is None and last.choices[0].finish_reason == "length"
    assert all(part.object == "chat.completion.chunk" and part.usage is None for part in (first, *parts, last))


def test_an_answer_has_as_many_tokens_as_the_server_allows(client):
    assert client.chat.completions.create(model="tiny", messages=SAID).usage.completion_tokens == 24


def test_messages_in_other_forms_are_the_same(client):
    """Parts are joined; a developer is what used to be called system."""
    text = client.chat.completions.create(model="tiny", messages=SAID, max_tokens=5).choices[0].message.content
    parts = [{"type": "text", "text": letters(token)} for token in PROMPT]
    others = [{"role": "developer", "content": letters(7)}, {"role": "user", "content": parts, "name": "Anne"}]
    assert (
        client.chat.completions.create(model="tiny", messages=others, max_tokens=5).choices[0].message.content == text
    )


def test_what_the_cache_holds_is_not_read_again(client, served):
    """A conversation goes on with what was said; another one in between makes it begin anew."""

    def ask(messages):
        return client.chat.completions.create(model="tiny", messages=messages, max_tokens=5)

    first = ask(SAID)
    said = (letters(7), USER, letters(*PROMPT), MODEL, first.choices[0].message.content)
    longer = [*SAID, first.choices[0].message, {"role": "user", "content": letters(9)}]
    second = ask(longer)
    # The last token of an answer was not fed.
    held = len(conversation(served, *said)) - 1
    assert second.usage.prompt_tokens_details.cached_tokens == held == 10
    ask([{"role": "user", "content": letters(8)}])
    again = ask(longer)
    assert again.usage.prompt_tokens_details.cached_tokens == 0
    assert again.choices == second.choices
    prompt = conversation(served, *said, USER, letters(9), MODEL)
    assert second.choices[0].message.content == served.expected(prompt, 5)[0]


@pytest.mark.parametrize("stream", [False, True])
def test_stop_texts(client, served, stream):
    """An answer ends before the first of them, which no event begins."""
    whole = served.expected(PROMPT, 24)[0]
    stop = whole[4:7]
    text, tokens = served.expected(PROMPT, 24, [stop])
    assert text == whole[: whole.index(stop)] and len(tokens) < 24
    found = client.completions.create(model="tiny", prompt=PROMPT, max_tokens=24, stop=["absent", stop], stream=stream)
    pieces = list(found) if stream else [found]
    assert "".join(piece.choices[0].text for piece in pieces) == text
    assert pieces[-1].choices[0].finish_reason == "stop"
    alone = client.completions.create(model="tiny", prompt=PROMPT, max_tokens=24, stop=stop)
    assert alone.choices[0].text == text and alone.usage.completion_tokens == len(tokens)


@pytest.mark.parametrize("stop", [False, True])
def test_a_start_of_the_accelerator(client, served, stop):
    """Does a whole answer, unless a stop text may end it: then it does a token, so nothing is fed in vain."""
    before = served.device.starts
    client.completions.create(model="tiny", prompt=[8, 8, 8], max_tokens=6, stop=["absent"] if stop else None)
    assert served.device.starts - before == (6 if stop else 1)


def test_a_text_goes_on_behind_its_stop_text(client, served):
    text = served.expected(PROMPT, 24)[0]
    stopped = client.completions.create(model="tiny", prompt=PROMPT, max_tokens=24, stop=text[4:7])
    tokens = served.expected(PROMPT, 24)[1][: stopped.usage.completion_tokens]
    longer = [*PROMPT, *tokens, 9]
    found = client.completions.create(model="tiny", prompt=longer, max_tokens=4)
    assert found.usage.prompt_tokens_details.cached_tokens == 3 + len(tokens) - 1
    assert found.choices[0].text == served.expected(longer, 4)[0]


def test_an_end_token_ends_an_answer(served, serve):
    tokens = served.expected(PROMPT, 24)[1]
    at = max(i for i in range(1, 23) if tokens[i] not in tokens[:i])
    with serve(end=(tokens[at],)) as ending, ending.client() as client:
        found = client.completions.create(model="tiny", prompt=PROMPT, max_tokens=24)
        assert found.choices[0].finish_reason == "stop" and found.usage.completion_tokens == at + 1
        assert found.choices[0].text == ending.expected(PROMPT, 24)[0] and ending.device.starts == 1


def test_beyond_the_window(client, served):
    """20 tokens of prompt and 8 of answer, of which attention spans 16."""
    prompt = [(7 * index) % 35 for index in range(20)]
    found = client.completions.create(model="tiny", prompt=prompt, max_tokens=8)
    assert found.choices[0].text == served.expected(prompt, 8)[0]


def test_drawn_tokens(client, served):
    """The same seed, the same text, and the decoder's; without a seed each text has its own."""
    drawn = {"model": "tiny", "prompt": PROMPT, "max_tokens": 8, "temperature": 1.5}
    for seed in (7, -7):
        texts = [client.completions.create(**drawn, seed=seed).choices[0].text for _ in range(2)]
        expected, _ = served.expected(PROMPT, 8, sampling=Sampling.of(1.5, seed % (1 << SEED_BITS)))
        assert texts == [expected, expected]
    assert len({client.completions.create(**drawn).choices[0].text for _ in range(8)}) > 1


def test_what_changes_nothing_is_ignored(client, served):
    found = client.completions.create(
        model="tiny", prompt=PROMPT, max_tokens=4, temperature=0, seed=7, top_p=0.5, n=1, user="me", presence_penalty=0,
        frequency_penalty=0.0, logit_bias={}, echo=False, best_of=1, logprobs=None, suffix=None,
    )  # fmt: skip
    assert found.choices[0].text == served.expected(PROMPT, 4)[0]
    found = client.chat.completions.create(
        model="tiny", messages=SAID, max_tokens=4, tools=[], tool_choice="none", logprobs=False, store=False,
        response_format={"type": "text"}, parallel_tool_calls=False, metadata={"a": "b"},
    )  # fmt: skip
    assert found.usage.completion_tokens == 4
