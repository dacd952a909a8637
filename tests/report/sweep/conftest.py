"""A cluster of two worker processes, and points whose measures take no time."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # the workers' as well
from fake_measures import SPEC

from myhdl_acc.report.sweep.cluster import connected
from myhdl_acc.report.sweep.spec import parse


@pytest.fixture(scope="session")
def client():
    with connected(workers=2) as found:
        yield found


@pytest.fixture
def points():
    return parse(SPEC).points
