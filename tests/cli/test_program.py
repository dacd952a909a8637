"""The resident program on the command line."""

import json

import pytest

from myhdl_acc.rtl.config import AcceleratorConfig


def test_a_program_does_not_grow_with_layers(run_cli):
    """Llama-2-7B's 32 layers of equal formats are one loop; docs/performance.md has its size."""
    process = run_cli("program", "llama-2-7b", "--config", "u280", "--json")
    report = json.loads(process.stdout)
    assert report["count"] == len(report["instructions"]) <= 600 < report["depth"]
    assert sum(i["op"] == "repeat" and i["count"] == 32 for i in report["instructions"]) == 1


def test_lines(run_cli):
    lines = run_cli("program", "austen").stdout.splitlines()
    assert lines[0].startswith("    0> control.pass") and lines[-1].endswith("control.end")
    assert any("# if several" in line for line in lines)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nothing.acc",), "nothing.acc"),
        (("llama-2-7b", "--config", "tiny"), "does not fit"),
        (("austen", "--window", 4, "--sinks", 4), "4 sinks leave no room"),
        (("austen", "--weights", "w4"), "cannot be in w4"),
    ],
)
def test_refusals(refused, arguments, message):
    assert message in refused("program", *arguments)


@pytest.mark.parametrize("command", [("demo", "-n", 1), ("generate", "austen", "She", "--backend", "verilator")])
def test_a_program_without_room_is_refused_before_anything_is_built(refused, tmp_path, command):
    config = json.loads(AcceleratorConfig.preset("demo").to_json())
    (tmp_path / "small.json").write_text(json.dumps(config | {"program_depth": 16, "vector_depth": 4001}))
    assert "the configuration holds program_depth = 16" in refused(*command, "--config", "small.json")


def test_more_tokens_than_a_run_has(refused, tmp_path):
    config = json.loads(AcceleratorConfig.preset("demo").to_json())
    (tmp_path / "short.json").write_text(json.dumps(config | {"run_tokens": 16}))
    arguments = ("perf", "--model", "glassllm", "--config", "short.json", "--tokens", 15, "--context", 100)
    assert "one run can have 14 tokens" in refused(*arguments)
    assert "--tokens is of decoding" in refused("perf", "--model", "glassllm", "--tokens", 2, "--phase", "prefill")
