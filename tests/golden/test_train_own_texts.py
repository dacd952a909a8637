"""Texts that a draft head learns from: what is asked, in which order, and the script that trains a head with them."""

import runpy
import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

import dataclasses

import tokenizers
from synthetic import synthetic_model

from golden.draft_shapes import DraftSize
from golden.llm import container
from golden.llm.models.chat_template import chat_prompt
from golden.llm.models.tokenizer import TextRules, Tokenizer
from golden.llm.train.asked import Turns, about_texts, first_answers, questions
from golden.llm.train.own_texts import TEMPERATURE, TOGETHER, continuations, conversations

SCRIPT = str(Path(__file__).parents[2] / "scripts" / "train_draft_head.py")
END = "\N{END OF PROOF}"
TEMPLATE = f"{{% for m in messages %}}{{{{ m.role }}}}: {{{{ m.content }}}}{END}{{% endfor %}}assistant: "
SIZES = {"vocab": 257, "dim": 64, "layers": 1, "heads": 2, "kv_heads": 1, "head_dim": 32, "ffn": 64, "context": 256}


@pytest.fixture(scope="module")
def tokenizer():
    """Its tokens are bytes, and an end."""
    letters = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    plain = tokenizers.Tokenizer(tokenizers.models.BPE(vocab={one: i for i, one in enumerate(letters)}, merges=[]))
    plain.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    plain.decoder = tokenizers.decoders.ByteLevel()
    plain.add_special_tokens([END])
    return Tokenizer.build(plain, TextRules(end=(256,), template=TEMPLATE))


def test_turns_make_the_conversation_that_the_template_makes(tokenizer):
    turns = Turns(tokenizer)
    said = [("user", "Why?"), ("assistant", "So."), ("user", "How?")]
    whole = chat_prompt(tokenizer, [{"role": role, "content": content} for role, content in said])
    assert turns.first("Why?") + tokenizer.encode("So." + END) + turns.next("How?") == whole


def test_questions_are_many_and_none_comes_twice():
    found = questions()
    assert len(set(found)) == len(found) > 2000 and not any("{" in one for one in found)
    assert found == questions()


def test_a_text_that_is_asked_about_ends_with_a_word(tokenizer):
    tokens = torch.tensor([tokenizer.encode("xx" + "long " * 80 + END + "more")])
    own = torch.ones_like(tokens, dtype=torch.bool)
    own[:, :2] = False
    (text,) = first_answers(tokenizer, tokens, own)
    assert text == "long " * 80
    (asked,) = about_texts([text])
    assert asked.endswith(" long") and asked.count("long") == 60


def test_conversations_are_greedy_about_what_was_written_and_drawn(tokenizer):
    asked = []

    def write(prompts, temperature, seed, turns):
        asked.append((prompts, temperature, seed, next(turns)))
        tokens = torch.tensor([tokenizer.encode("an answer of mine")] * len(prompts))
        return tokens, torch.ones_like(tokens, dtype=torch.bool), None

    assert len(list(conversations(write, tokenizer, 3 * TOGETHER + 5))) == 4
    assert [len(prompts) for prompts, *_ in asked] == [TOGETHER] * 3 + [5]
    assert [(temperature, seed) for _, temperature, seed, _ in asked] == [(0, 0), (0, 1), (0, 2), (TEMPERATURE, 3)]
    about = ["an answer" in tokenizer.decode(prompts[0]) and "an answer" in tokenizer.decode(turn)
             for prompts, *_, turn in asked]  # fmt: skip
    assert about == [False, True, False, False]
    assert asked[0][3] != asked[2][3]


def test_continuations_begin_as_places_of_a_text_do():
    found = [
        (prompts, temperature) for prompts, temperature, *_ in continuations(lambda *a: a, list(range(99)), 6, [7])
    ]
    assert [(len(prompts), temperature) for prompts, temperature in found] == [(4, 0.0), (2, TEMPERATURE)]
    for prompts, _ in found:
        assert all(first == 7 and rest == [*range(rest[0], rest[0] + 11)] for first, *rest in prompts)


@pytest.mark.parametrize("beginnings", [False, True])
def test_the_script_trains_a_head_behind_a_model(tokenizer, beginnings, tmp_path, monkeypatch):
    model = dataclasses.replace(synthetic_model("w2", tied=True, **SIZES), tokenizer=tokenizer)
    source, output, text = (tmp_path / name for name in ("a.acc", "b.acc", "a.txt"))
    container.save(model, source)
    text.write_text("What begins here goes on as the model has it.", "utf-8")
    options = ["--text", text] if beginnings else []
    sizes = ["--ffn", 32, "--vocab", 128, "--texts", 4, "--length", 160, "--float-steps", 2, "--steps", 2, "--bfloat16"]
    sizes += ["--rate", 1e-3]
    monkeypatch.setattr(sys, "argv", [SCRIPT, *map(str, (source, "-o", output, *options, *sizes))])
    threads = torch.get_num_threads()
    try:
        runpy.run_path(SCRIPT)["main"]()
    finally:
        torch.set_num_threads(threads)
    found = container.load(output)
    assert found.draft_size == DraftSize(32, 128)
    assert {matrix.packed.kind for matrix in found.draft.values()} == {"w2"}
