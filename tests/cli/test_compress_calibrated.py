"""compress with a calibration: methods, texts, interruption, and what it says where it cannot."""

import json
import os
import resource
import signal
import subprocess
import sys
import time

import pytest

from golden.llm import container

TEXT = "the white kitten had been having its face washed by the old cat for the last quarter of an hour " * 12


@pytest.fixture
def cache(tmp_path_factory, monkeypatch):
    """An empty cache directory of this test's own."""
    directory = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(directory))
    return directory / "myhdl_acc"


@pytest.fixture
def text(tmp_path):
    (tmp_path / "text.txt").write_text(TEXT)
    return "text.txt"


@pytest.mark.parametrize("method", ["nearest", "wanda", "gptq"])
@pytest.mark.parametrize("rotate", ["--rotate", "--no-rotate"])
def test_methods(run_cli, tmp_path, text, cache, method, rotate):
    options = ("--method", method, rotate, "--calibration", text, "--json")
    process = run_cli("compress", "glassllm", "-o", "out.acc", *options)
    assert process.returncode == 0, process.stderr
    report = json.loads(process.stdout)
    assert report["method"] == method and report["rotated"] == (rotate == "--rotate")
    assert container.load(tmp_path / "out.acc").spec.tied == (rotate == "--no-rotate")
    assert not cache.exists() or os.listdir(cache) == []  # nothing is kept of what is finished


def test_budget(run_cli, tmp_path, text, cache):
    process = run_cli("compress", "glassllm", "-o", "out.acc", "--budget", "3", "--calibration", text, "--json")
    assert process.returncode == 0, process.stderr
    model, bits, count = container.load(tmp_path / "out.acc"), 0, 0
    for name, matrix in model.matrices.items():
        if name != "embedding":
            size = matrix.packed.rows * matrix.packed.cols
            bits += {"w2": 2, "w4": 4.25, "w8": 8}[matrix.packed.kind] * size
            count += size
    assert 2.8 < bits / count <= 3
    kinds = json.loads(process.stdout)["weights"]
    assert kinds == {name: m.packed.kind for name, m in model.matrices.items() if name != "embedding"}
    (kept,) = cache.iterdir()
    (losses,) = kept.iterdir()  # for the next budget
    before = losses.stat().st_mtime_ns
    process = run_cli("compress", "glassllm", "-o", "out.acc", "--budget", "2.5", "--calibration", text)
    assert process.returncode == 0 and [path.stat().st_mtime_ns for path in kept.iterdir()] == [before]


def test_more_of_the_text(run_cli, tmp_path, text, cache):
    options = ("--weights", "w2", "--calibration", text, "--calibration-tokens")
    for count in ("128", "4096"):
        assert run_cli("compress", "glassllm", "-o", count, *options, count).returncode == 0
    assert (tmp_path / "128").read_bytes() != (tmp_path / "4096").read_bytes()


@pytest.mark.parametrize(
    "options, message",
    [
        (["--budget", "1.9"], "1.9 is not in the range x>=2"),
        (["--budget", "3", "--weights", "w2"], "--budget chooses the formats itself"),
        (["--budget", "3", "--method", "wanda"], "--budget chooses the formats itself"),
        (["--calibration", "short.txt"], "calibration: the text has 1 tokens; at least 128 are needed"),
        (["--calibration", "absent.txt"], "cannot read absent.txt"),
        (["--calibration", "noise.txt"], "noise.txt: not a text in UTF-8"),
        (["--method", "obq"], "'obq' is not one of"),
    ],
)
def test_refusals(refused, tmp_path, cache, options, message):
    (tmp_path / "short.txt").write_text("Alice")
    (tmp_path / "noise.txt").write_bytes(b"\xff\xfe\x00")
    assert message in refused("compress", "glassllm", "-o", "out.acc", *options)


def test_goes_on_where_it_was_interrupted(run_cli, tmp_path, text, cache):
    command = ("compress", "glassllm", "-o", "out.acc", "--calibration", text)
    process = subprocess.Popen(
        [sys.executable, "-m", "myhdl_acc", *command],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        # A background process of a shell without job control inherits an ignored SIGINT.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    deadline = time.monotonic() + 120
    while not list(cache.glob("compress-*/layer-0-*.safetensors")):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130 and stderr == "myhdl-acc: interrupted\n"
    assert os.listdir(tmp_path) == ["text.txt"]
    (layer,) = cache.glob("compress-*/layer-0-*.safetensors")
    made = layer.stat().st_mtime_ns
    assert run_cli(*command).returncode == 0
    resumed = (tmp_path / "out.acc").read_bytes()
    assert not layer.exists() and made
    assert run_cli(*command).returncode == 0
    assert (tmp_path / "out.acc").read_bytes() == resumed


def test_a_full_disk_shows_before_the_work(refused, tmp_path, text, cache):
    """A limit on the size of files that the model exceeds: the system's answer is the same as on a full disk."""

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    message = refused("compress", "glassllm", "-o", "out.acc", "--calibration", text, preexec_fn=limit)
    assert "cannot write out.acc: File too large" in message
    assert not list(cache.glob("compress-*/layer-*.safetensors"))
