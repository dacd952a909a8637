"""perf refuses what it cannot measure in one line, before anything is built."""

import dataclasses
import json

import pytest

from golden.llm import models
from tests.oracle import tiny_models


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Missing option '--model'"),
        (("--model", "gpt"), "no model 'gpt'; there are llama-2-7b, llama-3.2-1b, smollm2, glassllm, austen, .gguf"),
        (("--model", "nope.gguf"), "nope.gguf: no such file"),
        (("--model", "nope.acc"), "nope.acc: no such file"),
        (("--model", "nope.safetensors"), "nope.safetensors: not a model"),
        (("--model", "sizes.json"), "sizes.json: cannot be read"),
        (("--model", "austen", "--weights", "w8"), "its matrices have their formats"),
        (("--model", "glassllm", "--context", "9", "--contexts", "9"), "give either --context or --contexts"),
        (("--model", "glassllm", "--contexts", "9", "--trace", "run.json"), "--trace is of one pass"),
        (("--model", "glassllm", "--trace", "run.txt"), "run.txt: the name must end in"),
        (("--model", "glassllm", "--contexts", "9,"), "not a valid integer"),
        (("--model", "glassllm", "--contexts", "9,0"), "not in the range"),
        (("--model", "glassllm", "--contexts", ",".join(["9"] * 65)), "64 contexts at most"),
        (("--model", "glassllm", "--window", "9", "--sinks", "9"), "9 sinks leave no room in a cache of 9 tokens"),
        (
            ("--model", "glassllm", "--phase", "prefill", "--context", "1"),
            "no pass of a prompt with 2 tokens ends at 1",
        ),
        (("--model", "glassllm", "--phase", "prefill", "--contexts", "9,97", "--window", "50"), "ends at 97 tokens"),
        (("--model", "glassllm", "--speculate", "heads"), "--speculate heads is for --drafts"),
        (("--model", "glassllm", "--drafts", "1", "--speculate", "heads"), "draft head: the model has none"),
        (("--model", "llama-2-7b", "--config", "demo"), "head_dim may be at most 64"),
        (("--model", "llama-2-7b", "--window", "65536"), "vector_depth is 4096"),
    ],
)
def test_refused(refused, arguments, message):
    assert message in refused("perf", *arguments)


def test_a_file_of_a_directory(refused, tmp_path):
    tiny_models.write_directory("llama", tmp_path / "model")
    for name in ("config.json", "model.safetensors"):
        assert f"model/{name}: a part of a model; give its directory, model" in refused(
            "perf", "--model", f"model/{name}"
        )


def test_sizes_may_be_called_config(refused, tmp_path):
    (tmp_path / "config.json").write_text(json.dumps(models.outline("glassllm").spec.to_dict()))
    assert "9 sinks leave" in refused("perf", "--model", "config.json", "--sinks", "9", "--window", "9")


def test_wrong_sizes(refused, tmp_path):
    values = models.outline("glassllm").spec.to_dict() | {"colour": 1}
    (tmp_path / "sizes.json").write_text(json.dumps(values))
    assert "check colour" in refused("perf", "--model", "sizes.json")


def test_sizes_too_large_for_the_hardware(refused, tmp_path):
    spec = dataclasses.replace(models.outline("glassllm").spec, head_dim=160)
    (tmp_path / "sizes.json").write_text(json.dumps(spec.to_dict()))
    assert "head_dim may be at most 128" in refused("perf", "--model", "sizes.json")
