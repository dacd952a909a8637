"""``sweep`` end to end on a small model, and what it refuses."""

import json

import pytest

SPEC = """\
models: [glassllm, smollm2]
configs: [tiny]
windows: [64]
context: 16
synth: false
"""


@pytest.fixture
def spec(tmp_path):
    (tmp_path / "spec.yaml").write_text(SPEC)
    return "spec.yaml"


def test_a_sweep_and_its_best(run_cli, spec):
    first = run_cli("sweep", spec, "-o", "out.parquet", "--workers", 1, "--json")
    assert first.returncode == 0 and first.stderr == ""
    # smollm2 does not fit.
    assert json.loads(first.stdout) == {"points": 2, "kept": 0, "measured": 1, "failed": 1, "output": "out.parquet"}
    best = json.loads(run_cli("sweep", "out.parquet", "--best", "tokens_per_s", "--json").stdout)
    (row,) = best["best"]
    assert best["points"] == 2 and row["method"] == "simulated" and row["cycles"] > 1000
    assert (
        row["tokens_per_s"] == pytest.approx(225e6 / row["cycles"])
        and row["prefill_tokens_per_s"] > row["tokens_per_s"]
    )
    text = run_cli("sweep", "out.parquet", "--best", "tokens_per_s where cycles<1e9").stdout
    assert "1 of 2 points" in text and text.splitlines()[-1].endswith("tiny")


@pytest.mark.parametrize(
    "arguments, message",
    [
        (("none.yaml", "-o", "out.parquet"), "cannot read none.yaml"),
        (("spec.yaml",), "give -o FILE"),
        (("spec.yaml", "-o", "none/out.parquet"), "cannot write none/out.parquet"),
        (("spec.yaml", "-o", "/dev/full"), "cannot write /dev/full"),
        (("spec.yaml", "-o", "spec.yaml"), "it is an input"),
        (("spec.yaml", "-o", "typo.yaml"), "typo.yaml: not a Parquet file"),
        (("typo.yaml", "-o", "out.parquet"), "typo.yaml: there is no key 'model'; there are models"),
        (("spec.yaml", "-o", "out.parquet", "--scheduler", "tcp://127.0.0.1:9"), "nobody answers at --scheduler"),
        (
            ("spec.yaml", "-o", "out.parquet", "--scheduler", "nonsense://x"),
            "nonsense://x is no address; one is tcp://",
        ),
        (("spec.yaml", "--best", "tokens_per_s"), "spec.yaml: not a Parquet file"),
        (("none.parquet", "--best", "tokens_per_s"), "none.parquet: no such file"),
        (("none.parquet", "--best", "speed"), "no column 'speed'"),
        (("none.parquet", "--best", "lut", "-o", "x"), "--best reads a results file"),
    ],
)
def test_refused(refused, spec, tmp_path, arguments, message):
    (tmp_path / "typo.yaml").write_text("model: [glassllm]\n")
    assert message in refused("sweep", *arguments)
