"""``myhdl-acc synth``."""

import json

import pytest
from synth_designs import two_dots_design

from myhdl_acc.cli.main import main


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return str(tmp_path_factory.mktemp("cache"))


@pytest.fixture
def synth(cache, monkeypatch, capsys):
    """Runs the command in this process, with a small top: the whole takes minutes."""
    monkeypatch.setenv("XDG_CACHE_HOME", cache)
    monkeypatch.setattr("myhdl_acc.cli.top.top_design", lambda config: two_dots_design())

    def run(*arguments):
        assert main(["synth", "--config", "tiny", *arguments]) == 0
        output = capsys.readouterr()
        assert output.err == ""
        return output.out

    return run


def test_json(synth):
    report = json.loads(synth("--json"))
    assert report["budget"] == {"lut": 1135680, "ff": 2271360, "dsp": 8304, "bram36": 1776, "uram": 960}
    fields = report["budget"].keys()
    assert report["total"].keys() == fields | {"depth"}
    for field in fields:
        summed = sum(block["instances"] * block[field] for block in report["blocks"].values())
        assert summed == report["total"][field]
    for block in report["blocks"].values():
        assert block.keys() == fields | {"depth", "instances", "memories"}
    assert report["blocks"][report["top"]]["instances"] == 1
    # 16 multipliers and two for scales
    assert report["blocks"]["atom_dot"]["dsp"] == 18 and report["blocks"]["atom_dot"]["instances"] == 2


def test_table(synth):
    output = synth()
    lines = output.splitlines()
    assert any(line.split()[:2] == ["atom_dot", "2"] for line in lines)
    assert any(line.startswith("share") and line.count("%") == 5 for line in lines)
    assert "this, 128 multiplied" in output and "this, 256 dense-equivalent" in output
    assert "measured by us" in output


def test_timing(synth):
    timing = json.loads(synth("--timing", "--json"))["timing"]
    assert timing["method"] == "estimated" and timing["part"] == "UltraScale+ -2"
    slowest, *others = timing["paths"]
    assert timing["mhz"] == pytest.approx(1000 / slowest["ns"], abs=0.1)
    assert all(path["ns"] <= slowest["ns"] and path["wires"] < path["ns"] for path in others)
    assert {name for path in timing["paths"] for name, _ in path["blocks"]} <= {"two_dots", "atom_dot"}
    assert f"clock: {timing['mhz']} MHz estimated" in synth("--timing")


def test_bad_configuration(refused):
    assert "'huge' is neither" in refused("synth", "--config", "huge")


def test_ctrl_c(interrupted, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    interrupted("synth", "--config", "u280")
    assert not list((tmp_path / "cache").rglob(".build-*"))
