"""Small tokenizers of every family against `transformers` and `sentencepiece` (tests/oracle/tokenizers.json.gz)."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from golden.llm.models.gguf_tokenizer import gguf_tokenizer
from golden.llm.models.hf_tokenizer import hf_tokenizer

RECORDED = json.loads(gzip.decompress((Path(__file__).parent / "tokenizers.json.gz").read_bytes()))
FAMILIES = sorted(RECORDED["byte_level"])


def metadata(name, description):
    """What a GGUF file has of the tokenizer.json ``description``."""
    model, special = description["model"], {entry["id"] for entry in description["added_tokens"]}
    tokens = sorted(model["vocab"], key=model["vocab"].get)
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in model["merges"]]
    types = np.array([3 if number in special else 1 for number in range(len(tokens))], np.int32)
    table = {"model": "gpt2", "pre": name, "tokens": tokens, "merges": merges, "token_type": types}
    return {f"tokenizer.ggml.{key}": value for key, value in table.items()}


def equal(tokenizer, texts, expected):
    wrong = [text for text, ids in zip(texts, expected, strict=True) if tokenizer.encode(text) != ids]
    assert not wrong, (len(wrong), wrong[:3])


@pytest.mark.parametrize("name", FAMILIES)
def test_gguf(name):
    case = RECORDED["byte_level"][name]
    equal(gguf_tokenizer("x.gguf", metadata(name, case["tokenizer"])), RECORDED["texts"], case["ids"])


@pytest.mark.parametrize("name", FAMILIES)
def test_directory(name, tmp_path):
    case = RECORDED["byte_level"][name]
    (tmp_path / "tokenizer.json").write_text(json.dumps(case["tokenizer"]))
    equal(hf_tokenizer(tmp_path), RECORDED["texts"], case["ids"])


def test_the_families_differ():
    ids = {name: json.dumps(RECORDED["byte_level"][name]["ids"]) for name in FAMILIES}
    same = {(a, b) for a in FAMILIES for b in FAMILIES if a < b and ids[a] == ids[b]}
    assert same == {("refact", "smollm"), ("llama-bpe", "smaug-bpe")}


def sentence_piece_matches(case, texts):
    tables = {
        "tokens": case["tokens"], "scores": np.array(case["scores"], np.float32),
        "token_type": np.array(case["types"], np.int32), "model": "llama",
    }  # fmt: skip
    tokenizer = gguf_tokenizer("x.gguf", {f"tokenizer.ggml.{key}": value for key, value in tables.items()})
    equal(tokenizer, texts, case["ids"])
    assert [tokenizer.decode(ids) for ids in case["ids"]] == case["decoded"]


def test_sentence_piece():
    sentence_piece_matches(RECORDED["sentence_piece"], RECORDED["plain"])


@pytest.mark.oracle
def test_many_texts():
    """The same with several thousand texts, computed now."""
    pytest.importorskip("transformers")
    pytest.importorskip("sentencepiece")
    from tests.oracle.make_tokenizers import FAMILIES, SPECIAL, byte_level, sentence_piece, texts

    corpus, shown = texts(1500, 1), texts(3000, 4, SPECIAL)
    for name in FAMILIES:
        case = byte_level(name, corpus, shown)
        equal(gguf_tokenizer("x.gguf", metadata(name, case["tokenizer"])), shown, case["ids"])
    plain = texts(3000, 5)
    sentence_piece_matches(sentence_piece(corpus, plain), plain)
