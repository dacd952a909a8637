"""The figures show what the design and its simulation have."""

import pytest

from golden.errors import InputError
from myhdl_acc.rtl.config import AcceleratorConfig
from scripts.docs import accelerator_figure
from scripts.docs.handshake_figure import WORDS, handshake_run, states
from scripts.docs.links import Link, links
from scripts.docs.pages import ROOT


def test_links_of_the_smallest_accelerator():
    config = AcceleratorConfig.preset("tiny")
    units, found = links(config)
    assert units["lane_memory"] == config.lanes and units["engine"] == 1
    assert Link("lane_memory", "engine", "beat", config.beat_bits, config.lanes, True) in found
    assert Link("activation_buffer", "load_unit", "word", config.load_bits, 1, False) in found
    assert {link.sink for link in found if link.source == "host"} == {"controller"}


def test_every_lane_reaches_memory():
    config = AcceleratorConfig.preset("demo")
    _, found = links(config)
    to_memory = [(link.name, link.count) for link in found if link.sink == "HBM"]
    assert sorted(to_memory) == [("ar", config.lanes), ("aw", config.lanes), ("w", config.lanes)]


def test_a_unit_without_a_place_is_named(monkeypatch):
    monkeypatch.delitem(accelerator_figure._PLACES, "engine")
    with pytest.raises(InputError, match="unit engine has no place"):
        accelerator_figure.accelerator_figure()


def test_a_link_that_is_gone_is_named(monkeypatch):
    monkeypatch.setitem(accelerator_figure._ROUTES, ("engine", "host"), ([(0, 0), (1, 0)], (0, 0)))
    with pytest.raises(InputError, match=r"stream \('engine', 'host'\) is not in the design"):
        accelerator_figure.accelerator_figure()


def test_the_handshake_shows_every_state():
    run = handshake_run()
    for stream in ("sink", "source"):
        found = states(run, stream)
        assert set(found) == {"transfer", "stalled", "starved", "idle"}
        assert found.count("transfer") == len(WORDS)


def test_the_first_screen_shows_a_notebook():
    begin = (ROOT / "README.md").read_text("utf-8").splitlines()[:25]
    assert any("](docs/notebook.png)" in line for line in begin) and any(line.startswith("make lab") for line in begin)
    assert (ROOT / "docs" / "notebook.png").stat().st_size < 150_000
