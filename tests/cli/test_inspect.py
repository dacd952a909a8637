"""inspect shows what a model is and what it fits, without its weights; compress refuses what cannot fit."""

import dataclasses
import json

import pytest

from golden.llm import container, models
from golden.llm.models import embedded
from myhdl_acc.rtl.config import PRESETS
from tests.oracle import tiny_models

SMALL = dataclasses.asdict(dataclasses.replace(PRESETS["tiny"], activation_words=16))


@pytest.fixture
def report(run_cli):
    def run(*arguments):
        process = run_cli("inspect", *arguments, "--json")
        assert process.returncode == 0 and process.stderr == "", process.stderr
        return json.loads(process.stdout, parse_constant=pytest.fail)

    return run


def test_directory(report, run_cli, tmp_path):
    directory = tiny_models.write_directory("llama-head-24", tmp_path / "model")
    found = report("model", "--window", "50", "--sinks", "3")
    spec = models.load(directory).spec
    assert (found["family"], found["parameters"], found["head_dim"], found["stored_head_dim"]) == (
        "llama", spec.parameters, 32, 24,
    )  # fmt: skip
    assert found["rope"] == {"kind": "plain", "base": 10000.0, "turned": 24, "unrotated_layers": 0}
    assert found["types"] == {"F32": sum(array.nbytes for array in tiny_models.tensors("llama-head-24").values())}
    assert found["tokenizer"]["tokens"] == tiny_models.VOCAB and found["tokenizer"]["kind"] == "BPE, byte-level"
    assert found["attention"] == {"sinks": 3, "window": 50}
    assert [(one["config"], one["weights"]) for one in found["fits"]] == [
        (config, weights) for config in PRESETS for weights in ("w2", "w4", "w8")
    ]
    assert all(one["fits"] and one["reason"] is None and one["largest_window"] == 50 for one in found["fits"])
    text = run_cli("inspect", "model").stdout
    assert "32 elements (of which 24 are the model's)" in text and "u280   w8   fits" in text


@pytest.mark.parametrize(
    ("variant", "kind", "turned"),
    [
        ("llama", "plain", 32), ("llama-linear", "scaled", 32), ("llama-llama3", "scaled", 32),
        ("llama-yarn", "scaled", 32), ("phi3-partial", "plain", 16), ("phi3-long", "by length", 32),
    ],
)  # fmt: skip
def test_kinds_of_rope(report, tmp_path, variant, kind, turned):
    tiny_models.write_directory(variant, tmp_path / "model")
    tiny_models.write_gguf(variant, tmp_path / "x.gguf")
    for model in ("model", "x.gguf"):
        found = report(model)["rope"]
        assert (found["kind"], found["turned"]) == (kind, turned)


def test_config_alone(report, tmp_path):
    directory = tiny_models.write_directory("smollm3", tmp_path / "model")
    for file in ("model.safetensors", "tokenizer.json"):
        (directory / file).unlink()
    found = report("model")
    assert found["types"] == {} and "tokenizer.json: no such file" in found["tokenizer"]["refused"]
    assert found["rope"]["unrotated_layers"] == 1 and found["tied"]


def test_a_tokenizer_that_is_refused(report, run_cli, refused, tmp_path):
    """The rest is shown all the same; text and JSON have the line with which compress refuses the model."""
    directory = tiny_models.write_directory("llama", tmp_path / "model")
    (directory / "tokenizer_config.json").write_text('{"add_prefix_space": true}')
    line = refused("compress", "model", "-o", "x.acc").removeprefix("myhdl-acc: ")
    assert "add_prefix_space is true, but tokenizer.json puts no space" in line
    assert report("model")["tokenizer"] == {"refused": line}
    assert f"\ntokenizer   refused: {line}\n" in run_cli("inspect", "model").stdout


def test_without_a_family(report, run_cli, tmp_path):
    """A file of before families were written down says so, and nothing else in its place."""
    model = embedded.load("austen")
    container.save(dataclasses.replace(model, spec=dataclasses.replace(model.spec, family=None)), tmp_path / "x.acc")
    assert (
        report("x.acc")["family"] is None and "'austen', no family named, 2,328" in run_cli("inspect", "x.acc").stdout
    )
    assert report("austen")["family"] == "llama" and "'austen', llama, 2,328" in run_cli("inspect", "austen").stdout


def test_gguf_with_a_window_and_a_configuration(report, tmp_path):
    (tmp_path / "small.json").write_text(json.dumps(SMALL))
    tiny_models.write_gguf("phi3-window", tmp_path / "x.gguf")
    found = report("x.gguf", "--config", "small.json")
    assert found["trained_window"] == 13 and found["attention"] == {"sinks": 0, "window": 13}
    one = found["fits"][-1]
    assert one["config"] == "small.json" and not one["fits"] and one["largest_window"] is None
    assert "activation_words is 16" in one["reason"]


def test_the_longest_window(report, run_cli, tmp_path):
    tiny_models.write_directory("llama", tmp_path / "model")
    found = report("model", "--window", "100000")["fits"][0]
    assert found["config"] == "tiny" and not found["fits"] and "vector_depth is 512" in found["reason"]
    assert report("model", "--window", str(found["largest_window"]))["fits"][0]["fits"]
    assert not report("model", "--window", str(found["largest_window"] + 1))["fits"][0]["fits"]
    assert (
        f"with a window of {found['largest_window']} at most" in run_cli("inspect", "model", "--window", "9999").stdout
    )


def test_compressed_models(report, glassllm_acc):
    found = report(glassllm_acc)
    bits = found["bits_per_weight"]  # more than the format's, as rows are padded
    assert found["family"] == "llama" and 2 <= bits["w2"] < 2.1 and 8 <= bits["w8"] < 8.1
    assert [one["weights"] for one in found["fits"]] == ["own"] * len(PRESETS)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nope",), "not a model"),
        (("nope.acc",), "no such file"),
        (("nope.gguf",), "no such file"),
        (("model/model.safetensors",), "give its directory, model"),
        (("glassllm", "--config", "nope"), "neither a preset"),
        (("glassllm", "--window", "0"), "--window"),
        (("glassllm", "--window", "99999999999"), "window must be an integer from 1 to 1073741824 (the longest"),
        ((), "Missing argument"),
    ],
)
def test_refused(refused, tmp_path, arguments, message):
    tiny_models.write_directory("llama", tmp_path / "model")
    assert message in refused("inspect", *arguments)


def test_a_cut_file(refused, tmp_path):
    path = tiny_models.write_gguf("llama", tmp_path / "x.gguf")
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    assert "is it cut?" in refused("inspect", "x.gguf")


def test_compress_refuses_what_cannot_fit(refused, run_cli, tmp_path):
    tiny_models.write_directory("llama", tmp_path / "model")
    (tmp_path / "small.json").write_text(json.dumps(SMALL))
    line = refused("compress", "model", "-o", "x.acc", "--config", "small.json", "--method", "nearest")
    assert "activation_words is 16" in line
    process = run_cli("compress", "model", "-o", "x.acc", "--config", "tiny", "--method", "nearest", "--json")
    assert process.returncode == 0 and process.stderr == "" and json.loads(process.stdout)["output"] == "x.acc"
    assert container.outline(tmp_path / "x.acc").spec.dim == tiny_models.DIM


def test_compress_says_what_fits_no_preset(run_cli, refused, monkeypatch, tmp_path):
    monkeypatch.setitem(tiny_models.VARIANTS, "wide", tiny_models.VARIANTS["llama"] | {"head_dim": 160})
    tiny_models.write_directory("wide", tmp_path / "model")
    process = run_cli("compress", "model", "-o", "x.acc", "--method", "nearest", "--json")
    assert process.returncode == 0 and json.loads(process.stdout)["output"] == "x.acc"
    assert process.stderr == "note: the model fits none of tiny, demo, u280, ecp5; inspect says why\n"
    for options in (["--weights", "w8"], ["--budget", "3"]):
        assert "head_dim may be at most 128" in refused(
            "compress", "model", "-o", "y.acc", "--config", "u280", *options
        )


def test_compress_says_how_long_a_window_may_be(run_cli, monkeypatch, tmp_path):
    variant = tiny_models.VARIANTS["llama"] | {"max_position_embeddings": 1 << 20}
    monkeypatch.setitem(tiny_models.VARIANTS, "long", variant)
    tiny_models.write_directory("long", tmp_path / "model")
    process = run_cli("compress", "model", "-o", "x.acc", "--method", "nearest", "--config", "tiny")
    fits = json.loads(run_cli("inspect", "model", "--json").stdout)["fits"][0]
    note = f"note: it fits with --window {fits['largest_window']} at most"
    assert process.returncode == 0 and note in process.stderr
    budget = ("--budget", "4", "--calibration-tokens", "512", "--config", "tiny")
    process = run_cli("compress", "model", "-o", "y.acc", *budget)
    assert process.returncode == 0 and process.stderr.count(note) == 1
