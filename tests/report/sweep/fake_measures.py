"""What stands for measures of RTL in tests: functions that workers import."""

import os
import time
from pathlib import Path

from golden.errors import InputError

SPEC = {
    "models": ["glassllm", "smollm2"],
    "configs": [{"base": "tiny", "lanes": [1, 2, 4]}],
    "windows": [32, 64],
    "context": 128,
}


def figures(point):
    return {"tokens_per_s": 100.0 * point.config.lanes / point.window, "method": "composed"}


def area(config):
    return {"lut": config.lanes / 8}


def area_of_design(design_of, config):
    return area(config) | {"area": "synthesised"}


def fails_at_two_lanes(point):
    if point.config.lanes == 2:
        raise InputError("perf: two lanes are one too many")
    return figures(point)


def breaks(point):
    raise ZeroDivisionError("by\nnothing")


class DiesOnce:
    """The worker that has the first point dies, once."""

    def __init__(self, directory, always=False):
        self.mark, self.always = Path(directory) / "died", always

    def __call__(self, point):
        if point.config.lanes == 1 and point.window == 32 and (self.always or not self.mark.exists()):
            self.mark.touch()
            os._exit(9)
        time.sleep(0.05)
        return figures(point)


class Counts:
    """Leaves a file for every point that is measured."""

    def __init__(self, directory):
        self.directory = Path(directory)

    def __call__(self, point):
        (self.directory / point.key).touch()
        return figures(point)
