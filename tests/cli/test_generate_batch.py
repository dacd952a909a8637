"""generate --batch: a text for each line, each what it would be by itself; a bad line takes nothing from the others."""

import json

import pytest
from small_model import PROMPT, write_small_model

from golden.decoder import Decoder
from golden.lambda_attention import LambdaRule
from golden.llm import container

LINES = [PROMPT, PROMPT[:2], PROMPT[2:], PROMPT * 2, PROMPT[1]]


@pytest.fixture
def batch_file(tmp_path):
    write_small_model(tmp_path)
    path = tmp_path / "prompts.txt"
    path.write_text("\n".join(LINES) + "\n")
    return path


def expected(tmp_path, count, window):
    model = container.load(tmp_path / "small.acc")
    prompts = [model.tokenizer.prompt(line) for line in LINES]
    rule = LambdaRule.of(model.spec, None, window).within(max(map(len, prompts)) + count)
    decoders = (Decoder(model, sinks=rule.sinks, window=rule.window) for _ in LINES)
    return [list(decoder.generate(prompt, count)) for decoder, prompt in zip(decoders, prompts, strict=True)]


def test_golden(run_cli, tmp_path, batch_file):
    """Five texts of seven tokens, two at a time."""
    process = run_cli(
        "generate", "small.acc", "--batch", batch_file, "-n", 7, "--window", 6, "--config", "tiny", "--json"
    )
    assert process.returncode == 0, process.stderr
    report = json.loads(process.stdout)
    texts = report["texts"]
    assert [text["tokens"] for text in texts] == expected(tmp_path, 7, 6)
    assert {text["stopped"] for text in texts} == {"count"}
    assert report["backend"] == "golden" and report["bit_exact"] is True and report["cycles_per_token"] is None
    assert 1.2 < report["tokens_per_pass"] <= 2 and report["passes"] > 35 / 2


def test_verilator_is_compared_text_by_text(run_cli, tmp_path, batch_file):
    options = ("-n", 5, "--window", 6, "--config", "tiny", "--backend", "verilator", "--json")
    process = run_cli("generate", "small.acc", "--batch", batch_file, *options)
    assert process.returncode == 0, process.stderr
    report = json.loads(process.stdout)
    assert [text["tokens"] for text in report["texts"]] == expected(tmp_path, 5, 6)
    assert report["bit_exact"] is True and report["cycles_per_token"] * 25 == pytest.approx(report["cycles"], abs=25)


def test_only_a_newline_ends_a_prompt(run_cli, batch_file):
    """Other characters that separate lines are the prompt's."""
    batch_file.write_text(f"{LINES[0]}\u2028{LINES[1]}\x0c\r\n{LINES[0]}", newline="")
    found = json.loads(
        run_cli("generate", "small.acc", "--batch", batch_file, "-n", 2, "--config", "tiny", "--json").stdout
    )
    assert len(found["texts"]) == 2


def test_one_bad_line(run_cli, tmp_path, batch_file):
    """The others' texts are not lost, and the line is named."""
    batch_file.write_text(f"{LINES[0]}\n\n{LINES[1]}\n")
    process = run_cli("generate", "small.acc", "--batch", batch_file, "-n", 3, "--config", "tiny")
    assert process.returncode == 2
    assert process.stderr == f"myhdl-acc: {batch_file}: line 2: the prompt is empty; it must have at least one token\n"
    first, second, third, *_ = process.stdout.splitlines()
    assert [len(line.split()) for line in (first, third)] == [4, 4]
    assert second == "2: the prompt is empty; it must have at least one token"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--batch", "prompts.txt", "hello"), "--batch and PROMPT exclude each other"),
        (("--batch", "prompts.txt", "--stop", "x"), "--batch and --stop exclude each other"),
        (("--batch", "prompts.txt", "--speculate", "lookup"), "--batch and --speculate exclude each other"),
        (("--batch", "prompts.txt", "--drafts", 1), "--batch and --drafts exclude each other"),
        (("--batch", "prompts.txt", "--backend", "ghdl"), "--batch is for --backend golden or verilator"),
        (("--batch", "prompts.txt", "--config", "ecp5"), "--batch needs a configuration with two rows or more"),
        (("--batch", "nowhere.txt"), "cannot read nowhere.txt: No such file or directory"),
        (("--batch", "empty.txt"), "empty.txt: there is no prompt; each line is one"),
    ],
)
def test_refusals(run_cli, tmp_path, batch_file, options, message):
    (tmp_path / "empty.txt").write_text("")
    process = run_cli("generate", "small.acc", *options)
    assert process.returncode == 2 and process.stdout == ""
    assert message in process.stderr and "Traceback" not in process.stderr
