"""The analytic model against RTL: a fresh token and a fresh prompt; what a change of the hardware must do to it."""

import dataclasses

import pytest

from myhdl_acc.report.perf.analytic import analytic_prompt, analytic_token
from myhdl_acc.report.perf.measure import measure_prompt, measure_token
from myhdl_acc.report.perf.report import analytic
from myhdl_acc.report.perf.shapes import shape
from myhdl_acc.report.sweep.columns import CONFIG
from myhdl_acc.report.sweep.point import Point, figures
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.viz.design_space import POINTS, label, load
from scripts.docs import data

TINY, U280 = (AcceleratorConfig.preset(name) for name in ("tiny", "u280"))


def test_a_token_and_a_prompt_of_fresh_rtl():
    part = shape("glassllm", "w4", layers=2)
    token = [run(part, TINY, 70, 48) for run in (measure_token, analytic_token)]
    prompt = [run(part, TINY, 32, 48) for run in (measure_prompt, analytic_prompt)]
    for measured, modelled in (token, prompt):
        assert modelled.cycles == pytest.approx(measured.cycles, rel=0.02)
        assert (modelled.beats, modelled.multiplied) == (measured.beats, measured.multiplied)


@pytest.mark.parametrize(
    "run, phase, context, window",
    [
        ("llama-2-7b", "decode", 4096, None),
        ("llama-2-7b-filling", "decode", 1024, None),
        ("llama-2-7b-accllm", "decode", 8192, 2046),
        ("llama-2-7b-prefill", "prefill", 512, None),
        ("llama-3.2-1b", "decode", 4096, None),
    ],
)
def test_within_3_percent_of_what_was_measured_of_large_models(run, phase, context, window):
    """No constant of the model was found with them."""
    model = "llama-3.2-1b" if run.startswith("llama-3.2") else "llama-2-7b"
    measured = data.read("cycles")[run]
    found = analytic(model, U280, context, window, phase)
    assert found.method == "analytic"
    assert found.cycles_per_token == pytest.approx(measured["cycles_per_token"], rel=0.03)


@pytest.fixture(scope="module")
def errors():
    """Of the measured points, by label: how far a token and a pass of a prompt are from what the model says."""
    found = {}
    for row in load(POINTS):
        config = AcceleratorConfig(**{name: row[name] for name in CONFIG})
        settings = {name: row[name] for name in ("model", "weights", "window", "context", "clock")}
        modelled = figures(Point(config=config, method="analytic", **settings))
        assert modelled["method"] == "analytic" and row["method"] == "simulated"
        assert modelled["multiplied"] == row["multiplied"]
        found[label(row)] = [abs(modelled[name] / row[name] - 1) for name in ("cycles", "prefill_cycles")]
    return found


def test_measured_points(errors):
    """`make docs ARGS="--measure points"` renews them."""
    assert {name: both for name, both in errors.items() if max(both) > 0.02} == {}
    each = [one for both in errors.values() for one in both]
    assert len(each) >= 100 and sum(each) / len(each) < 0.01


def test_less_room_or_more_bits_are_slower():
    part, small = shape("smollm2", "w4", layers=1), shape("smollm2", "w2", layers=1)
    cycles = analytic_token(part, U280, 64, 64).cycles
    assert analytic_token(part, dataclasses.replace(U280, prefetch=64), 64, 64).cycles > cycles
    assert analytic_token(small, U280, 64, 64).cycles < cycles
