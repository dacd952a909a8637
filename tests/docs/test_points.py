"""Measured points are renewed: cycles beside the resources that are known, and nothing where a point fails."""

import dataclasses
import os

import pytest

from golden.errors import InputError
from myhdl_acc.report.sweep import spec
from myhdl_acc.report.sweep.columns import AREA, COLUMNS, CONFIG
from myhdl_acc.report.sweep.results import Results, read
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.viz.design_space import POINTS, load
from scripts.docs.data import DATA
from scripts.docs.points import renew, resources

KNOWN, NEW = AcceleratorConfig.preset("tiny"), AcceleratorConfig.preset("demo")
VALUES = {"models": ["glassllm"], "configs": ["tiny", "demo"], "windows": [64], "method": "simulated"}


def row(**values):
    return dict.fromkeys(COLUMNS) | dataclasses.asdict(KNOWN) | {"key": "old", "cycles": 5.0} | values


def measured(point):
    return {"cycles": 100.0 * point.config.lanes}


def fails(point):
    if point.config == NEW:
        raise InputError("perf: no")
    return measured(point)


def synthesised(config):
    return dict.fromkeys(AREA, 0.25) | {"area": f"of {config.lanes} lanes"}


@pytest.fixture
def kept(tmp_path):
    path = tmp_path / "kept.parquet"
    Results(path, [row(**dict.fromkeys(AREA, 0.5) | {"area": "earlier"})]).write()
    return path


@pytest.fixture
def points():
    return spec.parse(VALUES).points


def test_cycles_are_new_and_known_resources_stay(kept, points):
    renew(kept, points, measured, synthesised)
    found = {one["lanes"]: (one["key"], one["cycles"], one["lut"], one["area"]) for one in read(kept)}
    assert found == {
        KNOWN.lanes: (points[0].key, 200.0, 0.5, "earlier"),
        NEW.lanes: (points[1].key, 400.0, 0.25, "of 4 lanes"),
    }
    assert os.listdir(kept.parent) == [kept.name]


def test_a_point_that_fails_leaves_the_file_as_it_was(kept, points):
    before = kept.read_bytes()
    with pytest.raises(InputError, match="1 of 2 points have no figures"):
        renew(kept, points, fails, synthesised)
    assert kept.read_bytes() == before
    renew(kept, points, measured, synthesised)  # goes on
    assert len(read(kept)) == 2


def test_resources_are_new_and_cycles_stay(kept):
    resources(kept, synthesised)
    (found,) = read(kept)
    assert (found["key"], found["cycles"], found["lut"], found["area"]) == ("old", 5.0, 0.25, "of 2 lanes")


def test_the_specs_are_of_the_points_that_are_kept():
    """And of all layers: the analytic model is held to them."""
    points = [point for path in sorted(DATA.glob("points_*.yaml")) for point in spec.load(path).points]
    assert {point.method for point in points} == {"simulated"}
    wanted = {(point.model, point.weights, *dataclasses.astuple(point.config)) for point in points}
    assert wanted == {(one["model"], one["weights"], *(one[name] for name in CONFIG)) for one in load(POINTS)}
    assert len(points) == len(load(POINTS))
