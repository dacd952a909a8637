"""What a search and the measurements behind it leave, with measures that take no time."""

import fake_measures as fake
import pytest

from myhdl_acc.report.sweep import optimise as module
from myhdl_acc.report.sweep.optimise import optimise
from myhdl_acc.report.sweep.results import Results, read
from myhdl_acc.report.sweep.space import parse

SPEC = {
    "model": "glassllm",
    "base": "tiny",
    "config": {"lanes": [1, 2, 4], "rows": [2, 4]},
    "goal": {"tokens_per_s": 1},
    "where": "lut<=0.25",
    "window": 32,
    "confirm": 2,
}


@pytest.fixture
def optimised(client, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "figures", fake.figures)
    monkeypatch.setattr(module, "estimate_for", lambda client, design_of, base, fields, progress: fake.area)
    monkeypatch.setattr(module, "area", fake.area_of_design)
    path = tmp_path / "results.parquet"

    def run(values):
        return optimise(client, parse(values), Results(path, read(path) if path.exists() else []), 6, 0, None)

    return run


def test_the_best_are_measured_beside_the_preset(optimised):
    found = optimised(SPEC)
    assert (found["points"], found["kept"], found["failed"]) == (6, 0, 0)
    assert [row["lanes"] for row in found["best"]] == [2, 2, 1, 1]  # four lanes are too large
    assert found["preset"]["lanes"] == 2 and found["preset"]["area"] is None
    assert [(row["lanes"], row["rows"], row["area"]) for row in found["confirmed"]] == [
        (2, 2, "synthesised"), (2, 4, "synthesised"),
    ]  # fmt: skip
    assert optimised(SPEC)["kept"] == 6


def test_nothing_is_measured_unless_it_is_wanted(optimised):
    assert optimised(SPEC | {"confirm": 0})["confirmed"] == []
    found = optimised(SPEC | {"where": "lut<=0.01"})
    assert found["best"] == [] and [row["lanes"] for row in found["confirmed"]] == [2]  # the preset alone
