"""generate continues a text; with RTL behind it the tokens are the same and the cycles are counted."""

import json
import os

import pytest

from golden import container
from golden.decoder import Decoder

PROMPT = "Alice thought"


def test_golden(run_cli, glassllm_acc):
    process = run_cli("generate", glassllm_acc, PROMPT, "-n", 6, "--window", 8, "--json")
    assert process.returncode == 0, process.stderr
    report = json.loads(process.stdout)
    model = container.load(glassllm_acc)
    expected = list(Decoder(model, window=8).generate(model.tokenizer.encode(PROMPT), 6))
    assert report["tokens"] == expected
    whole = model.tokenizer.decode([*model.tokenizer.encode(PROMPT), *expected])
    assert PROMPT + report["text"] == whole
    assert report["backend"] == "golden" and report["bit_exact"] is True and report["cycles_per_token"] is None


def test_text_is_printed_as_json_has_it(run_cli, glassllm_acc):
    text = run_cli("generate", glassllm_acc, PROMPT, "-n", 6).stdout
    assert text == json.loads(run_cli("generate", glassllm_acc, PROMPT, "-n", 6, "--json").stdout)["text"] + "\n"


def test_top_draws_by_the_seed(run_cli):
    def tokens(*options):
        return json.loads(run_cli("generate", "austen", "She was", "-n", 8, "--json", *options).stdout)["tokens"]

    assert tokens("--top", 8, "--seed", 3) == tokens("--top", 8, "--seed", 3) != tokens("--top", 8, "--seed", 4)
    assert tokens("--top", 1, "--seed", 3) == tokens()


@pytest.mark.parametrize(
    "arguments, message",
    [
        (("", "-n", 3), "the prompt is empty"),
        ((PROMPT, "-n", 0), "0 is not in the range"),
        ((PROMPT, "--window", 0), "0 is not in the range"),
        ((PROMPT, "--top", 0), "0 is not in the range"),
        ((PROMPT, "--sinks", -1), "-1 is not in the range"),
        ((b"\xff\xfe", "-n", 3), "the prompt is not valid UTF-8"),
    ],
)
def test_bad_arguments(refused, glassllm_acc, arguments, message):
    arguments = [os.fsdecode(item) if isinstance(item, bytes) else item for item in arguments]
    assert message in refused("generate", glassllm_acc, *arguments)


def test_bad_files(refused, tmp_path, glassllm_acc):
    content = glassllm_acc.read_bytes()
    assert "absent.acc" in refused("generate", "absent.acc", PROMPT)
    for size in (0, 7, 1000, len(content) - 1):
        (tmp_path / "cut.acc").write_bytes(content[:size])
        assert "cut.acc" in refused("generate", "cut.acc", PROMPT)
