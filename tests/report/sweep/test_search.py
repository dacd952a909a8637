"""A search finds what is best, looks at no point twice, and goes on where it was. Points take no time here."""

from itertools import product

import pytest

from golden.errors import InputError
from myhdl_acc.report.sweep.area_estimate import AreaEstimate, one_field_each
from myhdl_acc.report.sweep.columns import COLUMNS
from myhdl_acc.report.sweep.search import search
from myhdl_acc.report.sweep.space import parse
from myhdl_acc.report.sweep.weighed import Weighed
from myhdl_acc.report.synthesis import BUDGET, Resources
from myhdl_acc.rtl.config import AcceleratorConfig

TINY = AcceleratorConfig.preset("tiny")
SPEC = {
    "model": "glassllm",
    "base": "tiny",
    "config": {"lanes": [1, 2, 4, 8], "rows": [2, 4, 8], "prefetch": [16, 32, 64, 128, 256], "acc_depth": [16, 32, 64]},
    "goal": {"tokens_per_s": 2, "prefill_tokens_per_s": 1},
    "where": "lut<=16",
}


class Measure:
    """Speed grows with lanes, rows and prefetch; so does area, but for prefetch. Eight lanes do not fit."""

    def __init__(self):
        self.seen = []

    def __call__(self, points):
        return [self.row(point) for point in points]

    def row(self, point):
        config = point.config
        self.seen.append(point.key)
        row = dict.fromkeys(COLUMNS) | point.settings() | {"key": point.key, "method": point.method}
        if config.lanes == 8:
            return row | {"error": "does not fit"}
        speed = config.lanes * config.prefetch / (1 + abs(config.acc_depth - 32))
        return row | {
            "tokens_per_s": float(speed),
            "prefill_tokens_per_s": float(speed * config.rows),
            "lut": float(config.lanes * config.rows),
        }


def test_the_best_within_an_area():
    space, measure = parse(SPEC), Measure()
    points = search(space, 45, 0, measure)
    assert space.size == 180 and len(points) == len(set(measure.seen)) == len(measure.seen) == 45
    assert next(iter(points.values())).config == TINY  # it begins with the preset
    best = space.goal.ranked(measure(points.values()))[0]
    every = [space.point(dict(zip(space.choices, values, strict=True))) for values in product(*space.choices.values())]
    assert space.goal.score(best) >= space.goal.score(space.goal.ranked(measure(every))[3])


def test_the_same_seed_looks_at_the_same_points():
    first, again, other = (
        list(search(parse(SPEC), count, seed, Measure())) for count, seed in ((24, 3), (40, 3), (24, 4))
    )
    assert again[:24] == first and other != first


def test_a_small_space_is_looked_at_as_a_whole():
    space, measure = parse(SPEC | {"config": {"lanes": [1, 2, 4]}}), Measure()
    assert len(search(space, 50, 0, measure)) == len(measure.seen) == 3


def test_nearly_all_of_a_space():
    space, measure = parse(SPEC | {"config": {"lanes": [1, 2, 4], "rows": [2, 4]}}), Measure()
    assert len(set(search(space, 5, 0, measure))) == 5


def test_starts_come_behind_the_preset():
    space = parse(SPEC)
    start = space.presets()[0] | {("config", "prefetch"): 256}
    points = list(search(space, 9, 0, Measure(), [start]).values())
    assert points[1] == space.point(start)


def row(**values):
    return dict.fromkeys(COLUMNS) | values


def test_a_goal_of_rates_and_costs():
    goal = Weighed.parse({"tokens_per_s": 3, "lut": 1}, "lut<0.5 and model!=n")
    small, fast = (row(tokens_per_s=rate, lut=lut, model="m") for rate, lut in ((1.0, 0.1), (2.0, 0.4)))
    assert goal.score(fast) - goal.score(small) == pytest.approx((3 * 0.693147 - 1.386294) / 4, abs=1e-5)
    large, other, unknown = (small | values for values in ({"lut": 0.7}, {"model": "n"}, {"lut": None}))
    assert goal.ranked([small, large, fast, other, unknown, small | {"error": "e"}]) == [fast, small]
    assert 0 < goal.missed(small | {"lut": 0.6}) < goal.missed(large) < goal.missed(unknown)
    assert goal.area == ["lut"] and goal.text() == "3 times tokens_per_s, lut where lut<0.5 and model!=n"


@pytest.mark.parametrize("weight", [True, "2", 0, -1, float("inf"), None])
def test_what_is_no_weight(weight):
    with pytest.raises(InputError, match="is not a weight for lut"):
        Weighed.parse({"lut": weight}, "")


def areas(config):
    """Of units as hardware has them: one in every lane and row, one in every lane, one that is always there."""
    return {
        "atom": Resources(lut=10, dsp=1) * (config.lanes * config.rows),
        "queue": Resources(lut=3, bram36=config.prefetch / 64) * config.lanes,
        "control": Resources(lut=100),
    }


def test_an_area_from_those_of_single_fields():
    wanted = AcceleratorConfig(lanes=8, rows=4, beat_bits=128, acc_depth=32, max_k=1024, activation_words=64,
                               prefetch=256, run_tokens=128)  # fmt: skip
    single = one_field_each(TINY, wanted)
    assert [(one.lanes, one.rows, one.prefetch) for one in single] == [(8, 2, 64), (2, 4, 64), (2, 2, 256)]
    estimate = AreaEstimate(TINY, {config: areas(config) for config in (TINY, *single)})
    exact = sum(areas(wanted).values(), Resources())
    found = estimate(wanted)
    assert found["area"] == "estimated" and found["lut_cells"] == exact.lut and found["bram36_cells"] == exact.bram36
    assert found["dsp"] == exact.dsp / BUDGET.dsp
    assert estimate(single[0])["area"] == "synthesised"


def test_what_the_preset_has_none_of():
    wanted = one_field_each(TINY, AcceleratorConfig.preset("demo"))[0]
    large = {"wide": Resources(uram=4)}
    assert AreaEstimate(TINY, {TINY: {}, wanted: large})(wanted)["uram_cells"] == 4
