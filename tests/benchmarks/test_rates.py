import pytest

from benchmarks.evaluation.rates import tokens_per_second
from myhdl_acc.rtl.config import AcceleratorConfig

FOUND = {
    "float": {"bytes_read": 9999},
    "w8 nearest": {"bytes_read": 640_000},
    "w2 nearest": {"bytes_read": 160_000},
    "w2 wanda": "not had",
}


def test_from_the_cycles_of_one_row(tiny):
    """The row that was simulated has its own cycles; another fewer by what its missing bytes take on all lanes."""
    rates = tokens_per_second(tiny, FOUND)
    assert list(rates) == ["w8 nearest", "w2 nearest"]
    assert rates["w8 nearest"] == pytest.approx(225e6 / 1000)
    demo = AcceleratorConfig.preset("demo")
    saved = 480_000 * 8 / (demo.lanes * demo.beat_bits)
    assert 0 < saved and rates["w2 nearest"] == pytest.approx(225e6 / (1000 - saved))


@pytest.mark.parametrize("base", [{}, {"w8 nearest": "not had"}])
def test_none_without_the_row_that_was_simulated(tiny, base):
    assert tokens_per_second(tiny, {"w2 nearest": FOUND["w2 nearest"]} | base) == {}
