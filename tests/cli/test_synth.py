"""``myhdl-acc synth``."""

import json

import pytest


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return str(tmp_path_factory.mktemp("cache"))


@pytest.fixture
def synth(run_cli, cache, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", cache)
    return lambda *arguments: run_cli("synth", "--config", "tiny", *arguments)


def test_json(synth):
    process = synth("--json")
    assert process.returncode == 0 and process.stderr == "", process.stderr
    report = json.loads(process.stdout)
    assert report["budget"] == {"lut": 1135680, "ff": 2271360, "dsp": 8304, "bram36": 1776, "uram": 960}
    fields = report["budget"].keys()
    assert report["total"].keys() == fields | {"depth"}
    for field in fields:
        summed = sum(block["instances"] * block[field] for block in report["blocks"].values())
        assert summed == report["total"][field]
    for block in report["blocks"].values():
        assert block.keys() == fields | {"depth", "instances", "memories"}
    assert report["blocks"][report["top"]]["instances"] == 1
    # tiny: 2 lanes × 2 atoms × 1 pair of rows, 16 multipliers and two for scales each
    assert report["blocks"]["atom_dot"]["dsp"] == 18 and report["blocks"]["atom_dot"]["instances"] == 4


def test_table(synth):
    process = synth()
    assert process.returncode == 0, process.stderr
    lines = process.stdout.splitlines()
    assert any(line.split()[:2] == ["atom_dot", "4"] for line in lines)
    assert any(line.startswith("share") and line.count("%") == 5 for line in lines)
    assert "this, 128 multiplied" in process.stdout and "this, 256 dense-equivalent" in process.stdout
    assert "measured by us" in process.stdout


def test_bad_configuration(refused):
    assert "'huge' is neither" in refused("synth", "--config", "huge")


def test_ctrl_c(interrupted, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    interrupted("synth", "--config", "u280")
    assert not list((tmp_path / "cache").rglob(".build-*"))
