"""``optimise`` end to end on a small model, without RTL, and what it refuses."""

import json

import pytest

SPEC = """\
model: glassllm
base: tiny
config: {lanes: [1, 4], prefetch: [32, 128]}
formats: {kinds: [w2, w4], per: matrix}
goal: {tokens_per_s: 2, prefill_tokens_per_s: 1}
where: bits>=3 and lanes<=2
window: 32
context: 64
synth: false
confirm: 0
"""


@pytest.fixture
def spec(tmp_path):
    (tmp_path / "spec.yaml").write_text(SPEC)
    return "spec.yaml"


def found(run_cli, *arguments):
    process = run_cli("optimise", "spec.yaml", "--json", *arguments)
    assert process.returncode == 0 and process.stderr == "", process.stderr
    return json.loads(process.stdout)


def test_a_search_goes_on_to_what_it_would_have_found_at_once(run_cli, spec):
    whole = found(run_cli, "-o", "whole.parquet", "--points", 14)
    assert found(run_cli, "-o", "parts.parquet", "--points", 9)["kept"] == 0
    again = found(run_cli, "-o", "parts.parquet", "--points", 14)
    assert again["points"] == 14 and again["kept"] >= 9 - whole["failed"]
    assert again["best"] == whole["best"] and again["confirmed"] == []
    best, preset = whole["best"][0], whole["preset"]
    assert preset["weights"] == "w4" and preset["lanes"] == 2 and preset["method"] == "analytic"  # w2 has too few bits
    assert best["tokens_per_s"] >= preset["tokens_per_s"] and best["bits"] >= 3 and best["error"] is None
    pareto = run_cli("sweep", "parts.parquet", "--best", "tokens_per_s where bits>=3")
    assert pareto.returncode == 0 and "tiny" in pareto.stdout


def test_what_it_says(run_cli, spec, tmp_path):
    (tmp_path / "spec.yaml").write_text(SPEC.replace("config:", "#").replace("matrix", "model"))
    lines = run_cli("optimise", "spec.yaml", "-o", "out.parquet").stdout.splitlines()
    assert lines[0] == "2 points: 0 were there, 0 failed; in out.parquet"
    assert lines[1] == "goal: 2 times tokens_per_s, prefill_tokens_per_s where bits>=3 and lanes<=2"
    assert lines[3].split()[0] == "1.0000" and lines[3].endswith("tiny, w4") and "analytic" in lines[3]
    (tmp_path / "spec.yaml").write_text(SPEC.replace("bits>=3", "bits>=9"))
    lines = run_cli("optimise", "spec.yaml", "-o", "out.parquet", "--points", 3).stdout.splitlines()
    assert lines[-1] == "no point meets the conditions" and lines[-2].endswith("(misses the conditions)")


@pytest.mark.parametrize(
    "arguments, message",
    [
        (("none.yaml", "-o", "out.parquet"), "cannot read none.yaml"),
        (("spec.yaml", "-o", "none/out.parquet"), "cannot write none/out.parquet"),
        (("spec.yaml", "-o", "spec.yaml"), "it is an input"),
        (("spec.yaml", "-o", "typo.yaml"), "typo.yaml: not a Parquet file"),
        (("typo.yaml", "-o", "out.parquet"), "typo.yaml: there is no key 'models'; there are model, base"),
        (
            ("large.yaml", "-o", "out.parquet"),
            "large.yaml: config: lanes is 64, it must be a power of two from 1 to 32",
        ),
        (("spec.yaml", "-o", "out.parquet", "--workers", "2", "--scheduler", "tcp://h:1"), "not with --scheduler"),
        (("loss.yaml", "-o", "out.parquet"), "llama-2-7b"),
    ],
)
def test_refused(refused, spec, tmp_path, arguments, message):
    (tmp_path / "typo.yaml").write_text("models: [glassllm]\n")
    (tmp_path / "large.yaml").write_text(SPEC.replace("[1, 4]", "[64]"))
    (tmp_path / "loss.yaml").write_text(SPEC.replace("glassllm", "llama-2-7b").replace("bits>=3", "loss<1"))
    assert message in refused("optimise", *arguments)


def test_a_model_that_fits_nowhere(run_cli, spec, tmp_path):
    (tmp_path / "spec.yaml").write_text(SPEC.replace("glassllm", "smollm2").replace("[1, 4]", "[1]"))
    process = run_cli("optimise", "spec.yaml", "-o", "out.parquet", "--points", 4)
    assert process.returncode == 2 and process.stdout == ""
    (line,) = process.stderr.splitlines()
    assert line.startswith("myhdl-acc: no point has figures; the first one: the model does not fit")


def test_a_missing_package_is_named(refused, spec, tmp_path, monkeypatch):
    (tmp_path / "optuna.py").write_text("raise ImportError\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=":")
    assert "optuna is not installed; pip install 'myhdl_acc[sweep]'" in refused("optimise", "spec.yaml", "-o", "o")


def test_a_search_can_be_ended(interrupted, spec, tmp_path):
    (tmp_path / "spec.yaml").write_text(SPEC.replace("per: matrix", "per: layer"))
    interrupted("optimise", "spec.yaml", "-o", "out.parquet", "--points", 10_000)
