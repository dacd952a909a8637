"""tokenize shows what a model is fed, without its weights."""

import json
import struct

import pytest
from gguf import GGUFWriter
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from golden.llm import models as golden_models
from golden.llm.models import embedded

ALPHABET = sorted(pre_tokenizers.ByteLevel.alphabet())


@pytest.fixture
def gguf(tmp_path):
    """A GGUF file with a tokenizer and no tensor at all."""
    path = tmp_path / "x.gguf"
    writer = GGUFWriter(path, "llama")
    writer.add_string("tokenizer.ggml.model", "gpt2")
    writer.add_string("tokenizer.ggml.pre", "llama-bpe")
    writer.add_array("tokenizer.ggml.tokens", ["<s>", *ALPHABET, "ab", "<|unused5|>"])
    writer.add_array("tokenizer.ggml.merges", ["a b"])
    writer.add_array("tokenizer.ggml.token_type", [3, *[1] * 257, 4])
    writer.add_uint32("tokenizer.ggml.bos_token_id", 0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    return path


def report(process):
    assert process.returncode == 0, process.stderr
    fields = json.loads(process.stdout)
    assert set(fields) == {"tokens", "pieces"} and len(fields["tokens"]) == len(fields["pieces"])
    return fields


def test_gguf(run_cli, gguf):
    found = report(run_cli("tokenize", gguf, "ab<|unused5|>é\n", "--json"))
    assert found["pieces"] == ["<s>", "ab", "<|unused5|>", "Ã", "©", "\n"]
    assert found["tokens"][:3] == [0, 257, 258]


def test_lines(run_cli, gguf):
    assert run_cli("tokenize", gguf, "ab\n").stdout.splitlines() == [
        "0 '<s>'",
        "257 'ab'",
        f"{1 + ALPHABET.index('Ċ')} '\\n'",
    ]


def test_file_and_standard_input(run_cli, gguf, tmp_path):
    (tmp_path / "text.txt").write_bytes(b"ab\r\nab" * 1000)
    found = report(run_cli("tokenize", gguf, "--file", "text.txt", "--json"))
    assert found["pieces"][:5] == ["<s>", "ab", "\r", "\n", "ab"] and len(found["tokens"]) == 1 + 4 * 1000
    assert report(run_cli("tokenize", gguf, "--file", "-", "--json", input="ab\nab")) == report(
        run_cli("tokenize", gguf, "ab\nab", "--json")
    )


def test_directory(run_cli, tmp_path):
    tokenizer = Tokenizer(models.BPE(vocab={token: number for number, token in enumerate(ALPHABET)}, merges=[]))
    tokenizer.pre_tokenizer, tokenizer.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    (tmp_path / "model").mkdir()
    tokenizer.save(str(tmp_path / "model/tokenizer.json"))
    assert report(run_cli("tokenize", "model", "a b", "--json"))["pieces"] == ["a", " ", "b"]


@pytest.mark.parametrize("name", ["austen", "glassllm"])
def test_names(run_cli, name):
    model = embedded.load(name) if name in embedded.NAMES else golden_models.load(name)
    found = report(run_cli("tokenize", name, "She was not", "--json"))
    assert found["tokens"] == model.tokenizer.encode("She was not") and "".join(found["pieces"]) == "She was not"


def test_compressed_file(run_cli, glassllm_acc):
    assert report(run_cli("tokenize", glassllm_acc, "Alice", "--json")) == report(
        run_cli("tokenize", "glassllm", "Alice", "--json")
    )


def test_no_tensor_is_read(run_cli, glassllm_acc, tmp_path):
    content = bytearray(glassllm_acc.read_bytes())
    start = 8 + struct.unpack("<Q", content[:8])[0]
    (tmp_path / "y.acc").write_bytes(content[:start] + b"\xff" * (len(content) - start))
    assert report(run_cli("tokenize", "y.acc", "Alice", "--json"))["tokens"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nope", "text"), "not a model"),
        (("x.acc", "text"), "no such file"),
        (("austen",), "give either TEXT or --file"),
        (("austen", "text", "--file", "-"), "give either TEXT or --file"),
        (("austen", "--file", "nope.txt"), "cannot read nope.txt"),
        (("austen", b"\xff".decode("utf-8", "surrogateescape")), "not valid UTF-8"),
        ((".", "text"), "tokenizer.json: no such file"),
    ],
)
def test_refused(refused, arguments, message):
    assert message in refused("tokenize", *arguments)
