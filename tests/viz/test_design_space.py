"""The design space's charts: data of a results file, and the command that repeats a point."""

import json
import re
import shlex

import pytest

from myhdl_acc.report.sweep.columns import COLUMNS
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.viz.design_space import POINTS, command, fields, load, pareto, roofline
from myhdl_acc.viz.design_space_panel import DesignSpacePanel

ROWS = load(POINTS)


def point(**values):
    own = {"model": "glassllm", "weights": "w2", "window": 64, "context": 128, "clock": 225, "method": "composed"}
    return dict.fromkeys(COLUMNS) | own | fields(AcceleratorConfig.preset("u280")) | values


def test_shipped_points_are_of_rtl_and_small():
    assert len(ROWS) >= 25 and POINTS.stat().st_size < 50_000
    assert {row["method"] for row in ROWS} <= {"composed", "simulated"}
    assert all(row["cycles"] > 0 and row["prefill_cycles"] > 0 for row in ROWS)


def test_commands():
    assert command(point()) == (
        "myhdl-acc perf --model glassllm --weights w2 --config u280 --context 128 --window 64 --clock 225 --compose"
    )
    text = command(point(lanes=8, method="simulated", weights="own"))
    (found,) = re.findall(r"--config <\(echo ('.*')\)", text)
    assert "--weights" not in text and "--compose" not in text
    assert AcceleratorConfig.from_json(shlex.split(found)[0]).lanes == 8


def test_pareto():
    rows = [point(key=key, tokens_per_s=rate, lut=lut) for key, rate, lut in (("a", 1, 1), ("b", 2, 1), ("c", 3, 2))]
    assert pareto(rows, "tokens_per_s", "lut") == {"b", "c"}


@pytest.mark.parametrize("row", ROWS[:3])
def test_no_point_is_above_its_roof(row):
    intensity, products, most, memory = roofline(row)
    assert 0 < products <= min(most, intensity * row["lanes"] * row["beat_bits"] / 8)
    assert memory <= row["lanes"] * row["beat_bits"] / 8


def test_the_panel_follows_its_controls(tmp_path):
    panel = DesignSpacePanel()
    assert panel.message.value == "" and len(panel.points.data["x"]) > 0
    shown = panel.points.data
    panel.controls["file"].value = str(tmp_path / "none.parquet")
    assert "no such file" in panel.message.value and panel.points.data is shown
    panel.controls["file"].value = str(POINTS)
    panel.controls["model"].value = "glassllm"
    assert panel.message.value == "" and all(label.startswith("glassllm") for label in panel.points.data["label"])
    assert json.dumps(panel.roof_lines.data)
