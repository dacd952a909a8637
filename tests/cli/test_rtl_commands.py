"""The commands with the converted hardware behind them."""

import json
import os

import numpy as np
import pytest

from golden.formats.sample import random_weights
from myhdl_acc.cli.top import top_design
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.simulate.cache import converted
from myhdl_acc.trace.run import Run

PROMPT = "Alice thought"


@pytest.mark.parametrize("top", [1, 8])
def test_rtl_gives_the_same_tokens(run_cli, glassllm_acc, top):
    arguments = ("generate", glassllm_acc, PROMPT, "-n", 2, "--top", top, "--seed", 1, "--json", "--config", "tiny")
    golden = json.loads(run_cli(*arguments).stdout)
    process = run_cli(*arguments, "--backend", "verilator")
    assert process.returncode == 0, process.stderr
    rtl = json.loads(process.stdout)
    assert rtl["tokens"] == golden["tokens"] and rtl["bit_exact"] is True and rtl["backend"] == "verilator"
    # tiny takes 2 lanes × 2 atoms × 32 weights per cycle, and the model has about 850,000.
    assert rtl["cycles_per_token"] > 850_000 / 128


@pytest.mark.parametrize(
    "backend, ran",
    [("verilator", "whole accelerator"), pytest.param("icarus", "engine alone", marks=pytest.mark.slow)],
)
def test_generate_says_what_ran(run_cli, tmp_path, glassllm_acc, backend, ran):
    traces = ("--trace", "run.csv") if backend == "verilator" else ()
    process = run_cli("generate", glassllm_acc, "A", "-n", 1, "--config", "tiny", "--backend", backend, *traces)
    assert f"cycles per token of the {ran} in {backend}" in process.stdout, process.stderr
    assert not traces or "layers.3.ffn_down" in (tmp_path / "run.csv").read_text()


@pytest.mark.parametrize("backend", ["verilator", "icarus", "ghdl"])
def test_missing_simulator(refused, glassllm_acc, tmp_path, backend):
    # Nothing that an earlier run has built may stand in for the tool.
    nowhere = {"PATH": str(tmp_path / "empty"), "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    environment = {name: value for name, value in os.environ.items() if name.startswith("PYTHON")} | nowhere
    line = refused("generate", glassllm_acc, PROMPT, "--backend", backend, "--config", "tiny", env=environment)
    assert "not installed" in line


def test_ctrl_c(interrupted, glassllm_acc):
    options = ("--backend", "verilator", "--config", "tiny")
    interrupted("generate", glassllm_acc, "Alice", "-n", 100_000, *options, after_output=True)


@pytest.fixture
def operation(tmp_path):
    """in.npz: 16 outputs of 64 terms in w2; returns the exact result."""
    weights, scale = random_weights(np.random.default_rng(0), "w2", 16, 64)
    x = np.arange(-64, 64).reshape(2, 64).astype(np.int8)
    np.savez(tmp_path / "in.npz", op="w2", w=weights, scale=scale, x=x)
    return x.astype(np.int64) @ (weights.astype(np.int64) * np.repeat(scale, 32, axis=1)).T


@pytest.mark.parametrize("backend", ["verilator", "icarus", "ghdl"])
def test_run_op(run_cli, tmp_path, operation, backend):
    process = run_cli("run-op", "in.npz", "-o", "out.npz", "--backend", backend, "--json")
    assert process.returncode == 0, process.stderr
    with np.load(tmp_path / "out.npz") as out:
        assert np.array_equal(out["y"], operation)
        assert out["cycles"] == json.loads(process.stdout)["cycles"] > 8


def test_trace(run_cli, tmp_path, operation):
    process = run_cli("trace", "in.npz", "-o", "out.npz", "--json")
    assert process.returncode == 0, process.stderr
    # Two lanes share 16 outputs, one beat of 64 weights each.
    tracks = json.loads(process.stdout)["tracks"]
    assert tracks["lane 0"]["beat"] == tracks["lane 1"]["beat"] == 8
    assert tracks["sink_beat 0"]["transfer"] == 8
    run = Run.load(tmp_path / "out.npz")
    assert run.table.names["op"] == ["w2"] and run.title == "w2, 16 × 64, 2 rows, verilator"


def test_convert(run_cli, refused, tmp_path):
    """To the same files as in any other process."""
    report = json.loads(run_cli("convert", "--config", "tiny", "--hdl", "verilog", "-o", "hdl", "--json").stdout)
    assert set(report) == {"top", "files", "seconds", "peak_mib"} and report["top"] == "accelerator"
    top, files = converted(top_design(AcceleratorConfig.preset("tiny")), "verilog")
    assert top == "accelerator" and len(files) > 100
    assert {name.rpartition("/")[2]: (tmp_path / name).read_text() for name in report["files"]} == files
    (tmp_path / "file").write_text("mine")
    assert "file" in refused("convert", "--config", "tiny", "-o", "file")


def test_demo(run_cli, tmp_path):
    traces = [part for name in ("run.npz", "run.json", "run.kanata") for part in ("--trace", name)]
    pictures = ("--html", "page.html", "--svg", "run.svg")
    process = run_cli("demo", "--model", "glassllm", "--config", "tiny", "-n", 2, *pictures, *traces)
    assert process.returncode == 0, process.stderr
    assert "cache bytes and logits, all equal" in process.stdout and "cycles per token" in process.stdout
    assert (tmp_path / "page.html").stat().st_size > 500_000
    assert (tmp_path / "run.svg").read_text().startswith("<svg ")
    assert (tmp_path / "run.kanata").read_text().startswith("Kanata\t0004\n")
    run = Run.load(tmp_path / "run.npz")
    assert run.annotated and run.title == "glassllm, w2, token 2 at 4 tokens" and run.about["memory"] == "hbm2"
    again = run_cli("trace", "run.npz", "-o", "again.json")
    assert again.returncode == 0 and (tmp_path / "again.json").read_bytes() == (tmp_path / "run.json").read_bytes()


def test_a_conversation_and_its_fresh_start_on_the_rtl(run_cli, with_rules):
    """Both templates: what is new is fed to the cache, or everything again after a reset."""
    for change in ("", "> "):
        model = with_rules(
            template=f"{{% for m in messages %}}{{% if m.role == 'assistant' %}}{change}{{% endif %}}"
            "{{ m.content }}\n{% endfor %}"
        )
        arguments = ("chat", model, "-n", 2, "--window", 24)
        golden = run_cli(*arguments, input="Who?\nWhy?\n")
        rtl = run_cli(*arguments, "--backend", "verilator", "--config", "tiny", input="Who?\nWhy?\n")
        assert rtl.returncode == 0, rtl.stderr
        assert (rtl.stdout, rtl.stderr) == (golden.stdout, golden.stderr)
        assert ("(read all" in rtl.stderr) == bool(change)


def test_a_conversation_that_the_hardware_has_no_room_for(refused, with_rules):
    arguments = ("--window", 60_000, "--backend", "verilator", "--config", "tiny")
    assert "a smaller window needs fewer" in refused("chat", with_rules(), *arguments, input="Who?\n")


def test_logits_of_the_rtl(run_cli, tmp_path, glassllm_acc):
    arguments = ("logits", glassllm_acc, "--tokens", "3 1 4", "--window", 2, "--sinks", 0)
    assert run_cli(*arguments, "-o", "golden.npz").returncode == 0
    process = run_cli(*arguments, "-o", "rtl.npz", "--backend", "verilator", "--config", "tiny")
    assert process.returncode == 0, process.stderr
    with np.load(tmp_path / "golden.npz") as golden, np.load(tmp_path / "rtl.npz") as rtl:
        assert golden["integers"].shape == (3, 1024) and np.array_equal(golden["integers"], rtl["integers"])


def test_demo_json(run_cli):
    report = json.loads(
        run_cli("demo", "--model", "glassllm", "--config", "tiny", "-n", 2, "--html", "page.html", "--json").stdout
    )
    assert report["bit_exact"] is True and len(report["tokens"]) == 2 and report["stopped"] == "count"
    # Lanes are counted until the run is over, cycles until the host is told.
    assert 0 <= sum(report["lane_states"].values()) - 2 * report["cycles"] < 200
    assert report["starts"] == 1 and report["passes"] == 2  # both tokens of the prompt, then the first one chosen
    assert 0 < sum(report["lost_cycles_of_last_token"].values()) < report["cycles_per_token"]


def test_demo_cannot_write_its_page(refused):
    assert "missing/page.html" in refused(
        "demo", "--model", "glassllm", "--config", "tiny", "-n", 1, "--html", "missing/page.html"
    )
