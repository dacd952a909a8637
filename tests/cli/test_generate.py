"""generate continues a text; with RTL behind it the tokens are the same and the cycles are counted."""

import dataclasses
import json
import os

import pytest

from golden.decoder import Decoder
from golden.lambda_attention import LambdaRule
from golden.llm import container
from golden.llm.models import embedded
from myhdl_acc.program.compiler import Compiler
from myhdl_acc.rtl.config import AcceleratorConfig

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


def test_temperature_draws_by_the_seed(run_cli):
    def tokens(*options):
        return json.loads(run_cli("generate", "austen", "She was", "-n", 8, "--json", *options).stdout)["tokens"]

    drawn = tokens("--temperature", 1.0, "--seed", 3)
    assert drawn == tokens("--temperature", 1.0, "--seed", 3) != tokens("--temperature", 1.0, "--seed", 4)
    assert tokens("--temperature", 0, "--seed", 3) == tokens() != drawn


def report(process):
    assert process.returncode == 0, process.stderr
    return json.loads(process.stdout)


def test_ends_at_an_end_token(run_cli, with_rules):
    """The token is among the tokens and not in the text, even where it is the last that -n allows."""
    whole = report(run_cli("generate", with_rules(), PROMPT, "-n", 9, "--json"))
    assert whole["stopped"] == "count" and len(whole["tokens"]) == 9
    at = next(i for i in range(3, 9) if whole["tokens"][i] not in whole["tokens"][:i])
    ending = with_rules(end=(1023, whole["tokens"][at]))
    for count in (9, at + 1):
        found = report(run_cli("generate", ending, PROMPT, "-n", count, "--json"))
        assert found["stopped"] == "end" and found["tokens"] == whole["tokens"][: at + 1]
        assert whole["text"].startswith(found["text"]) and len(found["text"]) < len(whole["text"])
    assert report(run_cli("generate", ending, PROMPT, "-n", at, "--json"))["stopped"] == "count"


def test_ends_at_a_stop_text(run_cli, glassllm_acc):
    """It may begin and end inside tokens; its tokens were decoded all the same."""
    whole = report(run_cli("generate", glassllm_acc, PROMPT, "-n", 12, "--json"))
    stop = whole["text"][7:11]
    arguments = ("generate", glassllm_acc, PROMPT, "-n", 12, "--stop", "absent", "--stop", stop)
    found = report(run_cli(*arguments, "--json"))
    assert found["text"] == whole["text"][: whole["text"].index(stop)] and found["stopped"] == "stop"
    assert found["tokens"] == whole["tokens"][: len(found["tokens"])] and len(found["tokens"]) < 12
    assert run_cli(*arguments).stdout == found["text"] + "\n"


def test_a_chat_is_what_the_template_makes_of_it(run_cli, with_rules):
    """Nothing but the template puts anything before it."""
    chatty = with_rules(before=(5,))
    found = report(run_cli("generate", chatty, "Who?", "--system", "A cat.", "--chat", "-n", 4, "--json"))
    plain = report(run_cli("generate", with_rules(), "system: A cat.\nuser: Who?\nmodel:", "-n", 4, "--json"))
    assert found["tokens"] == plain["tokens"]


def test_what_the_model_expects_comes_before_a_prompt(run_cli, with_rules):
    """It is enough to begin with, too."""
    ours = with_rules(before=(5, 6))
    model = container.load(ours)
    expected = list(Decoder(model).generate([5, 6], 3))
    assert report(run_cli("generate", ours, "", "-n", 3, "--json"))["tokens"] == expected


def test_prompts_of_any_length_from_anywhere(run_cli, tmp_path, glassllm_acc):
    """140 KB, far longer than the context, do not fit into an argument. A model of one layer is through them soon."""
    model = container.load(glassllm_acc)
    spec = dataclasses.replace(model.spec, layers=1)
    parts = {part: {name: getattr(model, part)[name] for name in getattr(spec, part)} for part in ("matrices", "norms")}
    model = dataclasses.replace(model, spec=spec, **parts)
    container.save(model, tmp_path / "one.acc")
    text = "Alice was beginning to get very tired. " * 3600
    (tmp_path / "prompt.txt").write_text(text + "She\n")
    found = report(run_cli("generate", "one.acc", "--prompt-file", "prompt.txt", "-n", 3, "--json"))
    piped = run_cli("generate", "one.acc", "-", "-n", 3, input=text[:12_000] + "She").stdout
    assert piped == run_cli("generate", "one.acc", text[:12_000] + "She", "-n", 3).stdout
    expected = list(Decoder(model, rows=64).generate(model.tokenizer.encode(text + "She"), 3))
    assert len(text) > 140_000 and found["tokens"] == expected


def test_a_window_beyond_memory(run_cli, glassllm_acc):
    def tokens(*options):
        return report(run_cli("generate", glassllm_acc, PROMPT, "-n", 3, "--json", *options))["tokens"]

    assert tokens("--window", 10**9) == tokens("--sinks", 10**9) == tokens()


def test_rope_turns_by_what_a_run_spans(run_cli, tmp_path, glassllm_acc):
    """LongRoPE: the long factors are for texts of more than 12 tokens, however long the model's context is."""
    model = container.load(glassllm_acc)
    long = dataclasses.replace(model.spec, long_rope_factors=(0.5,) * 16, rope_context=12)
    container.save(dataclasses.replace(model, spec=long), tmp_path / "long.acc")
    prompt = len(model.tokenizer.encode(PROMPT))
    for count, same in ((12 - prompt, True), (40, False)):
        one, other = (
            report(run_cli("generate", path, PROMPT, "-n", count, "--json")) for path in ("long.acc", glassllm_acc)
        )
        assert (one["tokens"] == other["tokens"]) == same


def test_no_prompt(refused, glassllm_acc):
    for arguments in ((), (PROMPT, "--prompt-file", "a")):
        assert "give one of PROMPT" in refused("generate", glassllm_acc, *arguments)
    assert "cannot read absent.txt" in refused("generate", glassllm_acc, "--prompt-file", "absent.txt")
    assert "the prompt is empty" in refused("generate", glassllm_acc, "-", input="")


@pytest.mark.parametrize(
    "arguments, message",
    [
        (("", "-n", 3), "the prompt is empty"),
        ((PROMPT, "--chat"), "the model has no chat template"),
        ((PROMPT, "--system", "A cat."), "give --chat as well"),
        ((PROMPT, "--stop", ""), "--stop must not be empty"),
        ((PROMPT, "--trace", "run.json"), "give --backend verilator"),
        ((PROMPT, "--trace", "missing/run.json"), "cannot write missing/run.json"),
        ((PROMPT, "--stop", "a", "--stop", b"\xff"), "the text of --stop is not valid UTF-8"),
        ((PROMPT, "--sinks", 99999999999), "sinks must be an integer from 0 to 1073741824 (the longest context"),
        ((PROMPT, "-n", 0), "0 is not in the range"),
        ((PROMPT, "--window", 0), "0 is not in the range"),
        ((PROMPT, "--top", 0), "0 is not in the range"),
        ((PROMPT, "--temperature", 16), "16.0 is not in the range"),
        ((PROMPT, "--temperature", "nan"), "temperature is nan"),
        ((PROMPT, "--temperature", 1, "--seed", 1 << 64), "seed is 18446744073709551616"),
        ((PROMPT, "--temperature", 1, "--top", 2), "--top and --temperature exclude each other"),
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


def test_drafts_change_no_token(run_cli):
    """Past the window too; of the drafts some are right."""
    prompt = "She was very fond of him, and she was very"
    given = ("generate", "austen", prompt, "-n", 40, "--window", 28, "--temperature", 0.3, "--seed", 2)
    plain, tried = report(run_cli(*given, "--json")), report(run_cli(*given, "--json", "--speculate", "lookup"))
    assert tried["accepted_by_source"] == {"lookup": tried["accepted"], "heads": [0]}
    assert tried["tokens"] == plain["tokens"] and plain["accepted"] is plain["tokens_per_pass"] is None
    (accepted,) = tried["accepted"]
    assert 0 < accepted < 40 and tried["tokens_per_pass"] == 40 / (40 - accepted)
    assert tried["starts"] == 1 and tried["passes"] < 40 + 20
    shown = run_cli(*given, "--speculate", "lookup").stdout
    assert f"drafts that were right: {accepted}" in shown


def test_drafts_of_the_head_change_no_token(run_cli):
    given = ("generate", "austen", "She was very fond of", "-n", 24, "--window", 28, "--temperature", 0)
    plain = report(run_cli(*given, "--json"))["tokens"]
    heads, auto = (report(run_cli(*given, "--json", "--speculate", source)) for source in ("heads", "auto"))
    assert heads["tokens"] == auto["tokens"] == plain
    assert heads["accepted_by_source"] == {"lookup": [0], "heads": heads["accepted"]}
    assert heads["tokens_per_pass"] > 1.5 and auto["tokens_per_pass"] > 1.5
    of_head = sum(auto["accepted_by_source"]["heads"])
    shown = run_cli(*given, "--speculate", "auto").stdout
    assert f"drafts that were right: {sum(auto['accepted'])}, {of_head} of them the draft head's" in shown


def test_a_model_without_a_draft_head(refused, glassllm_acc):
    line = refused("generate", glassllm_acc, PROMPT, "-n", 2, "--window", 8, "--speculate", "heads")
    assert "draft head: the model has none" in line


def test_auto_tries_drafts_where_they_are_possible(run_cli):
    given = ("generate", "austen", "She was very fond, and she was very", "-n", 6, "--window", 28, "--json")
    for options in (("--config", "ecp5"), ("--top", 3, "--temperature", 0)):
        assert report(run_cli(*given, "--speculate", "auto", *options))["tokens_per_pass"] is None


def test_auto_leaves_out_a_head_that_does_not_fit(run_cli, refused, tmp_path):
    model, rule, config = embedded.load("austen"), LambdaRule(4, 28), AcceleratorConfig.preset("demo")
    depth = len(Compiler(model, rule, config, drafts=1).resident)
    small = tmp_path / "small.json"
    small.write_text(dataclasses.replace(config, program_depth=depth).to_json())
    given = ("generate", "austen", "She was very fond, and she was very", "-n", 6, "--window", 28, "--config", small)
    auto, lookup = (report(run_cli(*given, "--json", "--speculate", source)) for source in ("auto", "lookup"))
    assert auto["tokens"] == lookup["tokens"] and auto["tokens_per_pass"] == lookup["tokens_per_pass"] >= 1
    assert auto["accepted_by_source"] == lookup["accepted_by_source"]
    assert f"program_depth = {depth}" in refused(*given, "--speculate", "heads")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--drafts", 1), "--drafts is for --speculate lookup, heads or auto"),
        (("--speculate", "lookup", "--drafts", 2), "2 rows have room for 1 at most"),
        (("--speculate", "lookup", "--config", "ecp5"), "a configuration with two rows or more"),
        (("--speculate", "lookup", "--top", 3), "exclude each other"),
        (("--speculate", "lookup", "--backend", "icarus"), "is for the whole accelerator"),
        (("--speculate", "lookup", "--backend", "verilator", "--trace", "a.json"), "exclude each other"),
    ],
)
def test_drafts_that_cannot_be(run_cli, options, message):
    process = run_cli("generate", "austen", "She", "-n", 2, "--window", 28, *options)
    assert process.returncode == 2 and message in process.stderr and process.stderr.count("\n") == 1
